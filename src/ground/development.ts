/** Whether a mistake is shown at once, or must not stop what is in use. */

/** Development is `debug: true`, or NODE_ENV `development` or `test`; anything else is production. */
export function isDevelopment(debug: boolean): boolean {
  return debug || ['development', 'test'].includes(process.env['NODE_ENV'] ?? '');
}

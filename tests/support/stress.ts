/** How often what is tried under stress is tried. */

/** A few times in the lanes of tests, many times in `npm run soak`. */
export function stressed(few: number, many: number): number {
  return process.env['OBOL_SOAK'] === undefined ? few : many;
}

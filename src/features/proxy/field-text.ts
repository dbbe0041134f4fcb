/** What fields that the author adds may hold (RFC 9110 5.5). */

/** Whether it is a text that a field can hold; http.request would send others as what they are in a text. */
export function isFieldText(value: unknown): value is string {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** Texts that are kept longer than the request they came with. */

/** A text of its own: a part of another text keeps all of that in memory, such as a header or a request target. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** Text that is safe inside HTML. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Those five, and the controls that no document may have (https://html.spec.whatwg.org/#preprocessing-the-input-stream). */
const SPECIAL = /[&<>"']|[^\P{Cc}\t\n\f\r]/gu;

/**
 * Replaces the five characters that mean something in HTML text and in quoted attributes; controls, which HTML cannot hold, by
 * U+FFFD.
 */
export function escapeHtml(text: string): string {
  return text.replace(SPECIAL, (char) => ENTITIES[char] ?? '\ufffd');
}

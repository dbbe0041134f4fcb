/** Text from anywhere made safe for a log: in one line, of bounded length, and nothing in it that steers a terminal. */

/** Bytes of one line; what is longer ends in an ellipsis. */
const MAX_LINE = 2048;
const ELLIPSIS = '…';
const room = new Uint8Array(MAX_LINE - Buffer.byteLength(ELLIPSIS));
const encoder = new TextEncoder();

/** What starts a line, steers a terminal, or turns the direction of writing so that a line reads as another. */
const HOSTILE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** What of that JSON leaves as it is; without the flag `u` it is looked for faster. */
const LEFT_BY_JSON = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** The text with everything hostile escaped, at most 2 KiB of it. */
export function oneLine(text: string): string {
  const line = text.slice(0, MAX_LINE + 1).replace(HOSTILE, escapeControl);
  if (Buffer.byteLength(line) <= MAX_LINE) return line;
  return `${line.slice(0, encoder.encodeInto(line, room).read)}${ELLIPSIS}`;
}

function escapeControl(char: string): string {
  if (char === '\n') return '\\n';
  const code = char.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

/** The same in JSON, which has escaped the controls of ASCII: what is left of them as `\uXXXX`. */
export function escapeInJson(json: string): string {
  if (!LEFT_BY_JSON.test(json)) return json;
  return json.replace(HOSTILE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

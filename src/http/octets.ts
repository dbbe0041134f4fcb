/** Octets as text and back: those that are no UTF-8 are lone surrogates, U+DC80 to U+DCFF (`surrogateescape` of Python, PEP 383). */
import { isUtf8 } from 'node:buffer';

const ESCAPED = /[\udc80-\udcff]/gu;
const OFFSET = 0xdc00;

/** The text of any octets. */
export function textOfOctets(octets: Buffer): string {
  if (isUtf8(octets)) return octets.toString();
  let text = '';
  for (let at = 0; at < octets.length;) {
    const length = lengthOfCharacter(octets, at);
    text +=
      length > 0 ? octets.toString('utf8', at, at + length) : String.fromCharCode(OFFSET + (octets[at] ?? 0));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the character that begins there; 0 for none. */
function lengthOfCharacter(octets: Buffer, at: number): number {
  for (let length = 1; length <= 4; length++) if (isUtf8(octets.subarray(at, at + length))) return length;
  return 0;
}

/** The octets that a text stands for. */
export function octetsOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  let end = 0;
  const pieces: Buffer[] = [];
  for (const { 0: escaped, index } of text.matchAll(ESCAPED)) {
    pieces.push(Buffer.from(text.slice(end, index)), Buffer.of(escaped.charCodeAt(0) - OFFSET));
    end = index + 1;
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(end))]);
}

/** A text for a URL, percent-encoded: each octet as what it is. */
export function encodeOctets(text: string): string {
  if (text.isWellFormed()) return encodeURIComponent(text);
  return text
    .split(/([\udc80-\udcff])/u)
    .map((piece, index) => (index % 2 === 0 ? encodeURIComponent(piece) : encodeOctet(piece)))
    .join('');
}

/** An octet that is no UTF-8, as it stands in a URL: `%E7`. */
function encodeOctet(escaped: string): string {
  return `%${(escaped.charCodeAt(0) - OFFSET).toString(16).toUpperCase()}`;
}

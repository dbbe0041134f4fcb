/** What the first bytes of a content say of its type (https://mimesniff.spec.whatwg.org), whatever its name or its sender says. */

/** How many bytes are looked at. */
export const SIGNATURE_BYTES = 32;

/** Bytes in hexadecimal, `..` for any, at the beginning of a content; of those that begin alike the longer comes first. */
const SIGNATURES: readonly (readonly [type: string, pattern: string])[] = [
  ['image/png', '89504e470d0a1a0a'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '474946383761'],
  ['image/gif', '474946383961'],
  ['image/webp', '52494646........57454250'],
  ['image/avif', '........6674797061766966'],
  ['image/bmp', '424d'],
  ['image/x-icon', '00000100'],
  ['audio/mpeg', '494433'],
  ['audio/wave', '52494646........57415645'],
  ['application/ogg', '4f67675300'],
  ['video/mp4', '........66747970'],
  ['video/webm', '1a45dfa3'],
  ['application/pdf', '255044462d'],
  ['application/zip', '504b0304'],
  ['application/gzip', '1f8b08'],
];

/** The types that first bytes show. */
export const SIGNED_TYPES: readonly string[] = [...new Set(SIGNATURES.map(([type]) => type))];

/** The media type of a content by its first bytes; undefined for any other. */
export function typeBySignature(bytes: Uint8Array): string | undefined {
  const hex = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('hex');
  return SIGNATURES.find(([, pattern]) => begins(hex, pattern))?.[0];
}

function begins(hex: string, pattern: string): boolean {
  if (hex.length < pattern.length) return false;
  for (let i = 0; i < pattern.length; i++) if (pattern[i] !== '.' && pattern[i] !== hex[i]) return false;
  return true;
}

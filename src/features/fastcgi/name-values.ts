/** Names with their values, as PARAMS carries them (FastCGI 1.0, section 3.4). */

/** Lengths from here on take four bytes. */
const LONG = 128;

/** @returns for each its two lengths, its name and its value, in UTF-8 */
export function nameValues(pairs: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(pairs).flatMap(([name, value]) => {
      const [key, text] = [Buffer.from(name), Buffer.from(value)];
      return [lengthOf(key), lengthOf(text), key, text];
    }),
  );
}

/** The first bit says that there are four bytes. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < LONG) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x80000000) >>> 0);
  return bytes;
}

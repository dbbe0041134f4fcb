/** Base64url (RFC 4648 5) of values that we have written ourselves, in the one spelling that we write. */

/**
 * The bytes of a text. Node's own decoder passes over characters that it does not know, and over bits that the last one has
 * to spare; here such a text is another one.
 * @returns undefined for a text that encoding its bytes would not give
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

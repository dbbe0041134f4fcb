/** Who failures are counted for: the same however an account or an address is written, and of bounded length. */
import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

const MAX_NAME = 1024;

/** What stands for an account. Letter case and width count for nothing, as they may not where accounts are looked up. */
export function hashOf(account: string): string {
  // Some texts take far longer to normalize than to read; what is so long is no name.
  const name = account.trim().slice(0, MAX_NAME).normalize('NFKC').trim().toLowerCase();
  return createHash('sha256').update(name).digest('base64url');
}

/**
 * What stands for an address: one IPv4 address, or the 64 bits of an IPv6 address that one customer has at least.
 * @returns undefined for what is no address, as on a Unix socket
 */
export function networkOf(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const plain = address.split('%', 1)[0] ?? '';
  return isIPv6(plain) ? networkOfIPv6(plain) : undefined;
}

function networkOfIPv6(address: string): string {
  const words = wordsOf(address);
  const [a = 0, b = 0] = words.slice(6);
  // ::ffff:0:0/96 is IPv4 (RFC 4291 2.5.5.2): all of it within one /64.
  const isIPv4Mapped = words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
  if (isIPv4Mapped) return [a >> 8, a & 255, b >> 8, b & 255].join('.');
  return `${words
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(':')}::/64`;
}

/** The eight words of an address that is well-formed. */
function wordsOf(address: string): number[] {
  const [head = [], tail] = address.split('::').map(someWords);
  if (tail === undefined) return head;
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function someWords(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (!word.includes('.')) return [parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** IP addresses, compared as numbers: one address has many spellings, and a text that differs may be the same machine. */
import { BlockList, isIP, SocketAddress } from 'node:net';

/** IPv4 within IPv6, as RFC 4291 2.5.5.2 has it. */
const MAPPED = '::ffff:';
const MAPPED_BITS = 96;

const RANGE = /^([^-/%]+)(?:\/(\d{1,3})|-([^-/%]+))?$/;

/**
 * An address in the one spelling that it has here: IPv6 short, in lower case and without zone (RFC 5952), IPv4 within IPv6 as
 * IPv4. Any other text comes back as it is.
 */
export function canonicalAddress(text: string): string {
  return isIP(text) === 6 ? shortAddress(text) : text;
}

function shortAddress(text: string): string {
  const [plain = ''] = text.split('%', 1);
  const { address } = new SocketAddress({ address: plain, family: 'ipv6' });
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;
}

/** A set of addresses, given one by one and as ranges: in CIDR notation, or with both ends, `10.0.0.1-10.0.0.9`. */
export class Addresses {
  /** Those of this very machine. */
  static readonly LOOPBACK = new Addresses(['127.0.0.0/8', '::1']);

  /** By version: a range of all of IPv6 has no IPv4 in it. */
  readonly #lists = { 4: new BlockList(), 6: new BlockList() };

  /** @throws TypeError for what is neither an address nor a range */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#add(range);
  }

  /** Whether a text is an address or a range. A zone means something only on the machine that wrote it, so that none may have one. */
  static isRange(text: string): boolean {
    try {
      new Addresses([]).#add(text);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether an address is one of them, however it is written; false for what is none. */
  has(text: string): boolean {
    const address = canonicalAddress(text);
    const version = isIP(address);
    return version !== 0 && this.#lists[version as 4 | 6].check(address, familyOf(version));
  }

  #add(range: string): void {
    const [, from = '', bits, to = from] = RANGE.exec(range) ?? [];
    const [start, end] = [canonicalAddress(from), canonicalAddress(to)];
    const version = isIP(start);
    if (version === 0 || version !== isIP(end)) throw new TypeError(`${range} is no range of addresses`);
    const list = this.#lists[version as 4 | 6];
    if (bits === undefined) list.addRange(start, end, familyOf(version));
    else list.addSubnet(start, Number(bits) - (isIP(from) === version ? 0 : MAPPED_BITS), familyOf(version));
  }
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6';
}

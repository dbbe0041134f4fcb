/** Servers that requests may choose: by the names of their hosts, and by the addresses that these have. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Addresses } from '../../kit.js';

/** A host, or all below one; with a port, or without for that of the scheme. */
const TARGET = /^(?:\*\.)?(?:[\p{L}\d](?:[\p{L}\d._-]*[\p{L}\d])?|\[[\da-f:.]+\])(?::\d{1,5})?$/iu;

/** Whether a text is one. */
export function isTarget(text: string): boolean {
  return TARGET.test(text) && URL.canParse(`http://${text.replace(/^\*\./, '')}`);
}

/** Addresses that are not of the internet, or lead to some that are not (RFC 6890, RFC 6052): of this machine, of networks like that of the server, of clouds' metadata. */
const SPECIAL = new Addresses([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);

const ALL_V4 = new Addresses(['0.0.0.0/0']);

/** Of IPv6, where what is of the internet lies in one block. */
const GLOBAL_V6 = new Addresses(['2000::/3']);
const SPECIAL_V6 = new Addresses(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/** No address of a host is one that may be asked. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

/** An entry of the list. */
interface AllowedHost {
  /** As URLs have it; of `*.example.org`, `.example.org`. */
  readonly name: string;
  /** `''` for that of the scheme. */
  readonly port: string;
}

export class AllowedTargets {
  readonly #hosts: readonly AllowedHost[];
  readonly #addresses: Addresses;

  /** @param addresses private ones that are allowed all the same */
  constructor(hosts: readonly string[], addresses: readonly string[] = []) {
    this.#hosts = hosts.map(allowedHost);
    this.#addresses = new Addresses(addresses);
  }

  /** Whether the host and the port of a URL are among those allowed, and its address, where it has one in place of a name. */
  has({ protocol, hostname, port }: URL): boolean {
    const host = hostname.replace(/\.$/, '');
    const effective = port || (protocol === 'https:' ? '443' : '80');
    const isListed = this.#hosts.some(
      (allowed) =>
        (allowed.port === '' ? port === '' : allowed.port === effective) &&
        (allowed.name.startsWith('.') ? host.endsWith(allowed.name) : host === allowed.name),
    );
    const literal = host.replace(/^\[|\]$/g, '');
    return isListed && (isIP(literal) === 0 || this.#isAllowed(literal));
  }

  /** Resolves a name. The connection is made to an address that was looked at here, and no name is resolved a second time. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, found) => {
      const failure = error ?? this.#whyNot(hostname, found);
      const [first] = failure ? [] : found;
      if (options.all) callback(failure, failure ? [] : found);
      else callback(failure, first?.address ?? '', first?.family ?? 0);
    });
  };

  #whyNot(hostname: string, found: readonly LookupAddress[]): ForbiddenAddress | null {
    const areAllowed = found.length > 0 && found.every(({ address }) => this.#isAllowed(address));
    return areAllowed ? null : new ForbiddenAddress(`${hostname} is ${shown(found)}`);
  }

  #isAllowed(address: string): boolean {
    return this.#addresses.has(address) || isGlobal(address);
  }
}

function isGlobal(address: string): boolean {
  // Of IPv4 within IPv6, too.
  if (SPECIAL.has(address)) return false;
  return ALL_V4.has(address) || (GLOBAL_V6.has(address) && !SPECIAL_V6.has(address));
}

function allowedHost(text: string): AllowedHost {
  const [, star = '', name = '', port = ''] = /^(\*(?=\.))?\.?(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return { name: (star && '.') + new URL(`http://${name}`).hostname, port };
}

function shown(found: readonly LookupAddress[]): string {
  return found.map(({ address }) => address).join(' and ') || 'without an address';
}

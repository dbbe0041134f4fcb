/** Where a server can be reached. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { Addresses } from '../kit.js';

/** Where to reach a server: from this computer, and from others. */
export interface Places {
  readonly here: string;
  readonly elsewhere: readonly string[];
}

/** What is needed of an entry of `os.networkInterfaces()`. */
interface NetworkAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

/** Whether no other machine can reach what listens on an address or a name. @throws Error for an unknown name */
export async function isLoopback(host: string): Promise<boolean> {
  return Addresses.LOOPBACK.has((await lookup(host)).address);
}

/**
 * The URLs of a server.
 * @param url where it listens, such as `http://0.0.0.0:8000`
 * @param host what it was asked to listen on: a name says more to people, and to certificates, than an address
 */
export function placesOf(url: string, host: string, addresses = ownAddresses()): Places {
  const [, scheme = '', name = '', port = ''] = /^(https?:\/\/)(.*)(:\d+)$/.exec(url) ?? [];
  const at = (reached: string): string => `${scheme}${reached}${port}/`;
  if (!ANY.has(name)) return { here: at(/^[\d.]+$|:/.test(host) ? name : host), elsewhere: [] };
  const reached = addresses.filter(
    ({ internal, family, address }) =>
      !internal && (family === 'IPv4' || (name === '[::]' && !/^fe[89ab]/i.test(address))),
  );
  return {
    here: at('127.0.0.1'),
    elsewhere: reached.map(({ address, family }) => at(family === 'IPv6' ? `[${address}]` : address)),
  };
}

function ownAddresses(): NetworkAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
}

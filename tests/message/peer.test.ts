/** The other end of a connection. */
import { describe, expect, test } from '@jest/globals';
import { compileTrust, type ProxyHeader } from '../../src/http/forwarded.js';
import { Headers } from '../../src/message/headers.js';
import { Peer } from '../../src/message/peer.js';

interface Given {
  readonly headers?: Record<string, string>;
  readonly trusted?: boolean;
  readonly encrypted?: boolean;
  readonly authority?: string;
  readonly proxyHeader?: ProxyHeader;
}

function peer({
  headers = {},
  trusted = false,
  encrypted = false,
  authority,
  proxyHeader = 'x-forwarded',
}: Given): Peer {
  const socket = {
    remoteAddress: '::ffff:10.0.0.1',
    remotePort: 1234,
    encrypted,
    once: () => undefined,
    off: () => undefined,
  };
  const trust = compileTrust(trusted ? ['10.0.0.0/8'] : false);
  return new Peer(socket, { headers: new Headers(headers), trust, proxyHeader, authority });
}

const FORWARDED = {
  Host: 'inner:8080',
  'X-Forwarded-For': '203.0.113.9, 10.0.0.2',
  'X-Forwarded-Host': 'example.com',
  'X-Forwarded-Proto': 'HTTPS',
};

describe('a peer', () => {
  test('that is not trusted speaks only for itself', () => {
    const { address, port, scheme, host, hostname, hostPort, forwardedFor, forwardedHost, forwardedProto } =
      peer({
        headers: FORWARDED,
      });
    expect([address, port, scheme, host, hostname, hostPort]).toEqual([
      '10.0.0.1',
      1234,
      'http',
      'inner:8080',
      'inner',
      8080,
    ]);
    expect([forwardedFor, forwardedHost, forwardedProto]).toEqual([undefined, undefined, undefined]);
  });

  test('that is a trusted proxy speaks for its client', () => {
    const { address, scheme, host, hostPort, forwardedFor } = peer({ headers: FORWARDED, trusted: true });
    expect([address, scheme, host, hostPort]).toEqual(['203.0.113.9', 'https', 'example.com', 443]);
    expect(forwardedFor).toBe('203.0.113.9, 10.0.0.2');
  });

  test.each([
    [{ headers: { Host: 'a:81' } }, 'a:81', 'a', 81],
    [{ headers: { Host: '[::1]:8080' } }, '[::1]:8080', '[::1]', 8080],
    [{ headers: { Host: 'a' }, encrypted: true }, 'a', 'a', 443],
    [{ headers: { Host: 'a/b' } }, '', '', 80],
    [{ headers: {} }, '', '', 80],
    [{ headers: { Host: 'a' }, authority: 'b:82' }, 'b:82', 'b', 82],
    [{ headers: { Host: 'a', 'X-Forwarded-Host': 'x, y' }, trusted: true }, 'a', 'a', 80],
  ])('of %j is asked as %j', (given, host, hostname, hostPort) => {
    const asked = peer(given);
    expect([asked.host, asked.hostname, asked.hostPort]).toEqual([host, hostname, hostPort]);
  });

  test('whose proxy names no known scheme has that of the socket', () => {
    expect(peer({ headers: { 'X-Forwarded-Proto': 'ftp' }, trusted: true, encrypted: true }).scheme).toBe(
      'https',
    );
  });

  test('may have no address any more', () => {
    const socket = { once: () => undefined, off: () => undefined };
    const gone = new Peer(socket, {
      headers: new Headers(),
      trust: compileTrust(false),
      proxyHeader: 'x-forwarded',
      authority: undefined,
    });
    expect([gone.address, gone.port]).toEqual(['', undefined]);
  });
});

describe('a peer behind proxies that write Forwarded', () => {
  const asked = (forwarded: string, trusted = true, more: Record<string, string> = {}): Peer =>
    peer({ headers: { Host: 'inner', Forwarded: forwarded, ...more }, trusted, proxyHeader: 'forwarded' });

  test.each<[string, boolean, string, string, string, string | undefined]>([
    [
      'for=203.0.113.9;proto=https;host=example.com',
      true,
      '203.0.113.9',
      'https',
      'example.com',
      '203.0.113.9',
    ],
    ['for=203.0.113.9;proto=https;host=example.com', false, '10.0.0.1', 'http', 'inner', undefined],
    // The client wrote the first element itself; the proxy 10.0.0.2 the second, the one next to us the third.
    [
      'for=6.6.6.6;host=evil;proto=http, for=203.0.113.9;host=good;proto=https, for=10.0.0.2;host=inside;proto=http',
      true,
      '203.0.113.9',
      'https',
      'good',
      '6.6.6.6, 203.0.113.9, 10.0.0.2',
    ],
    ['for="[2001:db8::1]:99"', true, '2001:db8::1', 'http', 'inner', '[2001:db8::1]:99'],
    ['for=unknown;host=example.com', true, '10.0.0.1', 'http', 'example.com', 'unknown'],
    ['for=1.1.1.1;host="a b"', true, '1.1.1.1', 'http', 'inner', '1.1.1.1'],
    ['for=1.1.1.1;host', true, '10.0.0.1', 'http', 'inner', undefined],
    ['', true, '10.0.0.1', 'http', 'inner', undefined],
  ])('%j, trusted %s: %s by %s to %s', (...[forwarded, trusted, address, scheme, host, forwardedFor]) => {
    const found = asked(forwarded, trusted);
    expect([found.address, found.scheme, found.host, found.forwardedFor]).toEqual([
      address,
      scheme,
      host,
      forwardedFor,
    ]);
  });

  test('do not speak through X-Forwarded headers, which the client could send itself', () => {
    const found = asked('', true, {
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Host': 'evil',
      'X-Forwarded-Proto': 'https',
    });
    expect([found.address, found.host, found.scheme]).toEqual(['10.0.0.1', 'inner', 'http']);
  });

  test('do not speak through Forwarded when they are said to write X-Forwarded headers', () => {
    const found = peer({ headers: { Host: 'inner', Forwarded: 'for=6.6.6.6;host=evil' }, trusted: true });
    expect([found.address, found.host]).toEqual(['10.0.0.1', 'inner']);
  });
});

/** The other end of a connection. */
import { describe, expect, test } from '@jest/globals';
import { compileTrust, type ProxyHeader, type TrustProxy } from '../../src/http/forwarded.js';
import { Headers } from '../../src/message/headers.js';
import { Peer } from '../../src/message/peer.js';

interface Given {
  readonly headers?: Record<string, string>;
  readonly trusted?: true | TrustProxy;
  readonly encrypted?: boolean;
  readonly authority?: string;
  readonly proxyHeader?: ProxyHeader;
  readonly localAddress?: string;
}

function peer({
  headers = {},
  trusted = false,
  encrypted = false,
  authority,
  proxyHeader = 'x-forwarded',
  localAddress = '::ffff:10.0.0.9',
}: Given): Peer {
  const socket = {
    remoteAddress: '::ffff:10.0.0.1',
    remotePort: 1234,
    localAddress,
    localPort: 8080,
    encrypted,
    once: () => undefined,
    off: () => undefined,
  };
  const trust = compileTrust(trusted === true ? ['10.0.0.0/8'] : trusted);
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

  test('is connected to an address of ours', () => {
    expect(peer({}).localAddress).toBe('10.0.0.9');
    const socket = { once: () => undefined, off: () => undefined };
    const context = { headers: new Headers(), trust: compileTrust(false), authority: undefined };
    expect(new Peer(socket, { ...context, proxyHeader: 'x-forwarded' }).localAddress).toBe('');
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
    [{ headers: { Host: 'a', 'X-Forwarded-Host': 'x, y' }, trusted: true }, 'y', 'y', 80],
    [{ headers: { Host: 'a', 'X-Forwarded-Host': 'x, y' } }, 'a', 'a', 80],
    [{ headers: { Host: 'a', 'X-Forwarded-Host': 'x, y/z' }, trusted: true }, 'a', 'a', 80],
  ])('of %j is asked as %j', (given, host, hostname, hostPort) => {
    const asked = peer(given);
    expect([asked.host, asked.hostname, asked.hostPort]).toEqual([host, hostname, hostPort]);
  });

  /** The peer is 10.0.0.1; whom it says it was asked by, and how. */
  const ONE = ['10.0.0.1'];
  const TWO = ['10.0.0.1', '10.0.0.2'];
  test.each<[TrustProxy, string | undefined, string, string]>([
    // What the proxy next to us was asked with, and what it says that the one before it was.
    [1, undefined, 'https,http', 'http'],
    [1, undefined, 'http,https', 'https'],
    [2, undefined, 'https,http', 'https'],
    [2, '203.0.113.9, 10.0.0.2', 'https, http', 'https'],
    [2, '203.0.113.9, 10.0.0.2', 'https', 'https'],
    [2, '203.0.113.9, 10.0.0.2', 'ftp, http, https', 'http'],
    [9, undefined, 'https,http,http', 'https'],
    [0, undefined, 'https,https', 'http'],
    [false, undefined, 'https,https', 'http'],
    [ONE, '203.0.113.9, 10.0.0.2', 'https,http', 'http'],
    [TWO, '203.0.113.9, 10.0.0.2', 'https,http', 'https'],
    [TWO, '203.0.113.9, ::ffff:a00:2', 'https,http', 'https'],
    [TWO, '203.0.113.9', 'https,http', 'http'],
    [TWO, '10.0.0.2, 203.0.113.9', 'https,http', 'http'],
    [TWO, '6.6.6.6, 203.0.113.9, 10.0.0.2', 'https, https, http', 'https'],
    [['10.0.0.2'], '203.0.113.9, 10.0.0.2', 'https,https', 'http'],
    [1, undefined, 'https,', 'http'],
    [1, undefined, ',HTTPS', 'https'],
  ])('whose proxies are %j, for %s, asked with %s, is asked over %s', (trusted, hops, proto, scheme) => {
    const headers = {
      Host: 'a',
      'X-Forwarded-Proto': proto,
      'X-Forwarded-Host': proto.replaceAll(/[\w]+/g, (name) => `${name.toLowerCase()}.example`),
      ...(hops !== undefined && { 'X-Forwarded-For': hops }),
    };
    const found = peer({ headers, trusted });
    expect(found.scheme).toBe(scheme);
    expect(found.forwardedHost ?? 'http.example').toBe(`${scheme}.example`);
  });

  test.each<[Record<string, string>, string, boolean]>([
    [{ Host: 'shop.example' }, 'http://shop.example', true],
    [{ Host: 'Shop.example.' }, 'http://shop.example', true],
    [{ Host: 'shop.example' }, 'http://shop.example.', true],
    [{ Host: 'shop.example:80' }, 'HTTP://SHOP.example', true],
    [{ Host: 'shop.example:8080' }, 'http://shop.example.:8080', true],
    [{ Host: '[::1]:8080' }, 'http://[0:0:0:0:0:0:0:1]:8080', true],
    [{ Host: '[::ffff:7f00:1]' }, 'http://127.0.0.1', true],
    [{ Host: 'xn--bcher-kva.example' }, 'http://xn--bcher-kva.example', true],
    [{ Host: 'shop.example' }, 'https://shop.example', false],
    [{ Host: 'shop.example' }, 'http://shop.example:8080', false],
    [{ Host: 'shop.example' }, 'http://www.shop.example', false],
    [{ Host: 'shop.example' }, 'http://shop.example..', false],
    [{ Host: 'shop.example' }, 'null', false],
    [{ Host: 'null' }, 'null', false],
    [{ Host: 'shop.example' }, '', false],
    [{}, 'http://', false],
  ])('of %j has the origin %s: %s', (headers, origin, expected) => {
    expect(peer({ headers }).isOrigin(origin)).toBe(expected);
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

describe('the address of the server', () => {
  test.each<[given: Given, origin: string, isOwn: boolean]>([
    [{}, 'http://127.0.0.1:8080', true],
    [{}, 'http://localhost:8080', true],
    [{}, 'http://LOCALHOST.:8080', true],
    [{ localAddress: '::1' }, 'http://[::1]:8080', true],
    [{ localAddress: '::1' }, 'http://localhost:8080', true],
    [{ localAddress: '10.0.0.5' }, 'http://10.0.0.5:8080', true],
    [{ encrypted: true }, 'https://localhost:8080', true],
    [{}, 'http://localhost', false],
    [{}, 'http://localhost:8081', false],
    [{}, 'https://localhost:8080', false],
    [{}, 'http://localhost.evil.test:8080', false],
    [{}, 'http://127.0.0.2:8080', false],
    [{}, 'null', false],
    [{}, '', false],
    [{ localAddress: '10.0.0.5' }, 'http://localhost:8080', false],
    [{ headers: { Host: 'evil.test:8080' } }, 'http://evil.test:8080', false],
    [{ headers: { Host: 'evil.test' }, authority: 'evil.test:8080' }, 'http://evil.test:8080', false],
  ])('of %j has the origin %s: %s', (given, origin, isOwn) => {
    expect(peer({ localAddress: '::ffff:127.0.0.1', ...given }).isAddressOfServer(origin)).toBe(isOwn);
  });

  test('is none where nothing was reached', () => {
    const socket = { once: () => undefined, off: () => undefined };
    const nowhere = new Peer(socket, {
      headers: new Headers(),
      trust: compileTrust(false),
      proxyHeader: 'x-forwarded',
      authority: undefined,
    });
    expect(
      ['http://localhost', 'http://', 'http://:80'].map((text) => nowhere.isAddressOfServer(text)),
    ).toEqual([false, false, false]);
  });
});

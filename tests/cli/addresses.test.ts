/** Where a server can be reached, as it is told to people. */
import { describe, expect, test } from '@jest/globals';
import { isLoopback, placesOf } from '../../src/cli/addresses.js';

const ADDRESSES = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '192.0.2.7', family: 'IPv4', internal: false },
  { address: '::1', family: 'IPv6', internal: true },
  { address: 'fe80::7', family: 'IPv6', internal: false },
  { address: '2001:db8::7', family: 'IPv6', internal: false },
];

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
])('%s is loopback: %s', async (host, isLocal) => {
  expect(await isLoopback(host)).toBe(isLocal);
});

describe('a server that listens at', () => {
  test.each([
    ['http://127.0.0.1:8000', '127.0.0.1', 'http://127.0.0.1:8000/', []],
    ['https://127.0.0.1:8000', 'localhost', 'https://localhost:8000/', []],
    ['http://[::1]:8000', '::1', 'http://[::1]:8000/', []],
    ['http://[fe80::1%eth0]:8000', 'fe80::1%eth0', 'http://[fe80::1%eth0]:8000/', []],
    ['http://127.0.0.1:8000', '127.1', 'http://127.0.0.1:8000/', []],
    ['http://192.0.2.7:80', 'box.example', 'http://box.example:80/', []],
    ['http://0.0.0.0:8000', '0.0.0.0', 'http://127.0.0.1:8000/', ['http://192.0.2.7:8000/']],
    [
      'https://[::]:8443',
      '::',
      'https://127.0.0.1:8443/',
      ['https://192.0.2.7:8443/', 'https://[2001:db8::7]:8443/'],
    ],
  ])('%s, told %s, is reached at %s and %j', (url, host, here, elsewhere) => {
    expect(placesOf(url, host, ADDRESSES)).toEqual({ here, elsewhere });
  });
});

test('without being told, it finds the addresses of this computer', () => {
  const { elsewhere } = placesOf('http://0.0.0.0:8000', '0.0.0.0');
  expect(elsewhere.filter((place) => !/^http:\/\/[\d.]+:8000\/$/.test(place))).toEqual([]);
  expect(elsewhere).not.toContain('http://127.0.0.1:8000/');
});

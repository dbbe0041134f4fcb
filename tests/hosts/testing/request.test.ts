/** request(): calling a controller's method directly. */
import { describe, expect, test } from '@jest/globals';
import { request, TestSocket } from '../../../src/hosts/testing/request.js';

describe('request()', () => {
  test('is GET without a body', () => {
    const req = request('/people/smith?x=1');
    expect([req.method, req.path, req.args.getFirst('x'), req.hasBody]).toEqual([
      'GET',
      '/people/smith',
      '1',
      false,
    ]);
    expect([...req.headers]).toEqual([['Host', 'localhost']]);
  });

  test('has its JSON at once, as the wire would have carried it', async () => {
    const when = new Date(0);
    const req = request('/', { json: { when, none: undefined } });
    expect([req.method, req.mimeType]).toEqual(['POST', 'application/json']);
    expect(req.json).toEqual({ when: '1970-01-01T00:00:00.000Z' });
    expect((await req.readBytes()).toString()).toBe('{"when":"1970-01-01T00:00:00.000Z"}');
  });

  test.each([
    ['text', 'ü', { 'content-length': '2' }],
    ['bytes', new Uint8Array([0xc3, 0xbc]), { 'content-length': '2' }],
    ['a stream', ['\u00fc'], { 'transfer-encoding': 'chunked' }],
  ])('has a body of %s', async (_, body, headers) => {
    const req = request('/', { method: 'PUT', body });
    expect([req.method, req.hasBody]).toEqual(['PUT', true]);
    for (const [name, value] of Object.entries(headers)) expect(req.headers.get(name)).toBe(value);
    expect((await req.readBytes()).toString()).toBe('ü');
  });

  test('has headers, cookies, user and address', () => {
    const req = request('/', {
      headers: { Host: 'example.com', 'Content-Type': 'text/plain' },
      cookies: { a: '1', b: '2' },
      user: { name: 'anna' },
      remoteAddress: '192.0.2.7',
      httpVersion: '1.0',
      json: 1,
    });
    expect([req.peer.host, req.mimeType, req.cookies.get('b')]).toEqual(['example.com', 'text/plain', '2']);
    expect([req.user, req.peer.address, req.httpVersion]).toEqual([{ name: 'anna' }, '192.0.2.7', '1.0']);
  });
});

test('a test socket tells when it closes', () => {
  const socket = new TestSocket('127.0.0.1');
  let closed = false;
  socket.once('close', () => (closed = true));
  socket.destroy();
  expect([closed, socket.destroyed]).toEqual([true, true]);
});

/** Responses of the web. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import { fromWeb, fromWebResponse, isWebResponse } from '../../src/message/web-values.js';

test('is told from other objects', () => {
  expect([isWebResponse(new Response()), isWebResponse({})]).toEqual([true, false]);
});

test('keeps status, type and headers; without a type it has none', () => {
  const response = fromWebResponse(new Response('x', { status: 201, headers: { 'X-A': '1' } }));
  expect([response.status, response.contentType]).toEqual([201, 'text/plain;charset=UTF-8']);
  expect(response.headers.get('x-a')).toBe('1');
  const bare = fromWebResponse(new Response(null, { headers: { 'Content-Encoding': 'br' } }));
  expect([bare.contentType, bare.body, bare.headers.get('content-encoding')]).toEqual(['', null, 'br']);
});

test('that was fetched is decoded already, so it names no encoding', async () => {
  const server = createServer((_, res) => {
    res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain' }).end(gzipSync('plain'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fetched = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const response = fromWebResponse(fetched);
  expect(response.headers.has('content-encoding')).toBe(false);
  let text = '';
  for await (const chunk of response.takeStream()) text += Buffer.from(chunk as Uint8Array).toString();
  expect(text).toBe('plain');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a stream that has a reader only is let go of with it', async () => {
  const cancel = jest.fn(() => Promise.resolve());
  const reader = { read: () => Promise.resolve({ done: false, value: Buffer.from('x') }), cancel };
  const response = fromWeb({ getReader: () => reader, cancel }, {});
  for await (const chunk of response?.takeStream() ?? []) {
    expect(String(chunk)).toBe('x');
    break;
  }
  expect(cancel).toHaveBeenCalledTimes(1);
});

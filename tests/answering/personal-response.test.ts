import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { personalResponse } from '../../src/answering/personal-response.js';
import { Response } from '../../src/message/response.js';

test('is a copy for one client, so that the response may be given again', () => {
  const shared = new Response('hello', { status: 201, headers: { 'X-A': '1' } }).makePartial();
  const own = personalResponse(shared, 'a=b');
  expect(own).not.toBe(shared);
  expect([...own.headers]).toEqual([
    ['Content-Type', 'text/html; charset=utf-8'],
    ['X-A', '1'],
    ['Accept-Ranges', 'bytes'],
    ['Vary', 'Cookie'],
    ['Cache-Control', 'private'],
    ['Set-Cookie', 'a=b'],
  ]);
  expect([own.status, own.body, own.isDivisible]).toEqual([201, 'hello', true]);
  expect([...shared.headers].map(([name]) => name)).toEqual(['Content-Type', 'X-A', 'Accept-Ranges']);
});

test('keeps what the handler says of caches', () => {
  const own = personalResponse(
    new Response('', { headers: { 'Cache-Control': 'no-store', Vary: 'Accept' } }),
  );
  expect([own.headers.get('cache-control'), own.headers.get('vary'), own.headers.get('set-cookie')]).toEqual([
    'no-store',
    'Accept, Cookie',
    undefined,
  ]);
  expect(personalResponse(new Response('', { headers: { Vary: '*' } })).headers.get('vary')).toBe('*');
});

test('is the same stream, since a stream cannot be given twice', () => {
  const stream = new Response(Readable.from(['a']));
  expect(personalResponse(stream)).toBe(stream);
});

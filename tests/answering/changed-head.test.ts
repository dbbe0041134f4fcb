/** Heads that are changed for one request. */
import { expect, test } from '@jest/globals';
import { ChangedHead } from '../../src/answering/changed-head.js';
import { Finalizer } from '../../src/answering/finalize.js';
import { Response } from '../../src/message/response.js';

const POLICY = { every: {}, document: { 'Content-Security-Policy': "script-src 'self'" } };

test('have their changes in order, and the response stays as it is', () => {
  const response = new Response('x', { headers: { 'X-Own': '1' } });
  const head = new ChangedHead(new Finalizer(POLICY), [
    (headers) => void headers.set('X-First', '1'),
  ]).withChange((headers) => void headers.set('X-Second', String(headers.get('x-first'))));
  const fields = head.fields(response);
  expect(fields).toEqual(expect.arrayContaining(['X-Own', '1', 'X-First', '1', 'X-Second', '1']));
  expect(head.head(response)).toContain('X-Second: 1\r\n');
  expect(response.headers.has('x-first')).toBe(false);
  expect(() => {
    head.check(response);
  }).not.toThrow();
});

test('name the nonce of the page, too', () => {
  const head = new ChangedHead(new Finalizer(POLICY), [
    (headers) => void headers.set('X-First', '1'),
  ]).withNonce('abc');
  expect(head.head(new Response('x'))).toMatch(
    /script-src 'self' 'nonce-abc'[^]*X-First|X-First[^]*script-src 'self' 'nonce-abc'/,
  );
  expect(head.nonce).toBe('abc');
});

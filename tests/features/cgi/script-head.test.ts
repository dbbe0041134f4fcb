/** Header blocks of scripts (RFC 3875 6), and what is none. */
import { describe, expect, test } from '@jest/globals';
import { indexedArguments } from '../../../src/features/cgi/indexed-query.js';
import { endOfHead, parseHead } from '../../../src/features/cgi/script-head.js';

describe('a header block', () => {
  test.each([
    ['Content-Type: text/plain\n', { contentType: 'text/plain' }],
    ['content-type:text/plain\r\n', { contentType: 'text/plain' }],
    ['Content-Type:\t text/plain \t\n', { contentType: 'text/plain' }],
    ['CONTENT-TYPE: a/b\nContent-Length: 12\n', { contentType: 'a/b', length: 12 }],
    ['Status: 404 Nope\n', { status: 404 }],
    ['Status: 204\n', { status: 204 }],
    ['status: 599 a: b\r\n', { status: 599 }],
    ['Location: http://a.test/\n', { location: 'http://a.test/' }],
    ['Location: /x?y\nStatus: 303 See Other\n', { location: '/x?y', status: 303 }],
  ])('%j says %j', (block, said) => {
    const none = { status: undefined, contentType: undefined, length: undefined, location: undefined };
    expect({ ...parseHead(block) }).toMatchObject({ ...none, ...said });
  });

  test('may correct itself: of a field that has one value the last counts', () => {
    const { headers } = parseHead('Status: 404\nExpires: a\nVary: a\nExpires: b\nVary: b\n');
    expect([headers.getAll('expires'), headers.getAll('vary')]).toEqual([['b'], ['a', 'b']]);
  });

  test('hands on its fields in their order, but for what is the business of the server', () => {
    const block =
      'Status: 200\nContent-Type: a/b\nSet-Cookie: a=1\nConnection: close\nX-A: \xe9\nSet-Cookie: b=2\nContent-Length: 3\n' +
      'Transfer-Encoding: chunked\nKeep-Alive: timeout=5\nUpgrade: h2c\nTE: trailers\nTrailer: X\nX-CGI-Note: a\nDate: a\nETag: "a"\n';
    expect([...parseHead(block).headers]).toEqual([
      ['Content-Type', 'a/b'],
      ['Set-Cookie', 'a=1'],
      ['X-A', '\xe9'],
      ['Set-Cookie', 'b=2'],
      ['ETag', '"a"'],
    ]);
  });

  test.each([
    ['', 'a header with none of Content-Type, Location and Status'],
    ['X-A: b\n', 'a header with none of Content-Type, Location and Status'],
    ['Content-Type\n', 'the line "Content-Type" in its header'],
    ['Content-Type : text/plain\n', 'the line "Content-Type : text/plain" in its header'],
    [': text/plain\n', 'the line ": text/plain" in its header'],
    ['Content Type: a/b\n', 'the line "Content Type: a/b" in its header'],
    ['Ünknown: a\nContent-Type: a/b\n', 'the line "Ünknown: a" in its header'],
    ['Content-Type: a/b\n X-A: folded\n', 'the line " X-A: folded" in its header'],
    ['Content-Type: a/b\n\tfolded\n', 'the line "\\tfolded" in its header'],
    ['<!DOCTYPE html>\n', 'the line "<!DOCTYPE html>" in its header'],
    ['Content-Type: \n', 'an empty field content-type'],
    ['Location:\n', 'an empty field location'],
    ['Status: \nContent-Type: a/b\n', 'an empty field status'],
    ['Content-Type: a/b\ncontent-type: a/b\n', 'two fields content-type'],
    ['Location: /a\nLocation: /b\n', 'two fields location'],
    ['Status: 200\nStatus: 200\n', 'two fields status'],
    ['Content-Type: a/b\nContent-Length: 3\nContent-Length: 3\n', 'two fields content-length'],
    ['Content-Type: a/b\nContent-Length: +3\n', 'the length "+3"'],
    ['Content-Type: a/b\nContent-Length: 3, 3\n', 'the length "3, 3"'],
    ['Content-Type: a/b\nContent-Length: 0x3\n', 'the length "0x3"'],
    ['Content-Type: a/b\nContent-Length: 1234567890123456\n', 'the length "1234567890123456"'],
    ['Status: 99\n', 'the status "99"'],
    ['Status: 100 Continue\n', 'the status "100 Continue"'],
    ['Status: 600\n', 'the status "600"'],
    ['Status: 2000\n', 'the status "2000"'],
    ['Status: OK\n', 'the status "OK"'],
    ['Status: HTTP/1.1 200 OK\n', 'the status "HTTP/1.1 200 OK"'],
  ])('%j is %s', (block, message) => {
    expect(() => parseHead(block)).toThrow(new Error(message));
  });

  test.each([
    ['a bare CR', 'X-A: a\rSet-Cookie: b=1\n'],
    ['a NUL', 'X-A: a\0b\n'],
    ['an escape', 'X-A: \x1b[31m\n'],
    ['a DEL', 'X-A: \x7f\n'],
    ['CR CR LF', 'X-A: a\r\r\n'],
  ])('with %s is none', (_, field) => {
    expect(() => parseHead(`Content-Type: a/b\n${field}`)).toThrow(
      expect.objectContaining({ name: 'BadOutput' }),
    );
  });

  test.each([
    ['a: b\n\nbody', { head: 5, body: 6 }],
    ['a: b\r\n\r\nbody', { head: 6, body: 8 }],
    ['a: b\n\r\nbody', { head: 5, body: 7 }],
    ['a: b\r\n\nbody', { head: 6, body: 7 }],
    ['\nbody', { head: 0, body: 1 }],
    ['\r\nbody', { head: 0, body: 2 }],
    ['a: b\n', undefined],
    ['a: b\n\r', undefined],
    ['a: b\r\r\n', undefined],
    ['a: b', undefined],
    ['', undefined],
  ])('of %j ends at %j, however much was looked at before', (text, end) => {
    const bytes = Buffer.from(text);
    for (let seen = 0; seen <= bytes.length; seen++) {
      const before = endOfHead(bytes.subarray(0, seen));
      expect([seen, before ?? endOfHead(bytes, seen)]).toEqual([seen, end]);
    }
  });
});

describe('a whole response, of a script whose name begins with nph-', () => {
  test.each([
    ['HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n', 200],
    ['HTTP/1.0 404 Not Found\nContent-Type: a/b\n', 404],
    ['HTTP/1.1 204\n', 204],
  ])('%j has the status %d', (block, status) => {
    expect(parseHead(block, true).status).toBe(status);
  });

  test.each([
    ['Status: 200\nContent-Type: a/b\n', 'the status "Status: 200"'],
    ['HTTP/1.1 100 Continue\n', 'the status "HTTP/1.1 100 Continue"'],
    ['HTTP/1.1 20 OK\n', 'the status "HTTP/1.1 20 OK"'],
    ['HTTP/2 200\n', 'the status "HTTP/2 200"'],
    ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n', 'a transfer coding of its own'],
  ])('%j is %s', (block, message) => {
    expect(() => parseHead(block, true)).toThrow(new Error(message));
  });
});

test.each([
  ['', []],
  ['a', ['a']],
  ['a+b%20c', ['a', 'b c']],
  ['%24%28id%29', ['$(id)']],
  ['a=b', []],
  ['a+b=', []],
  ['-s', []],
  ['%2Ds', []],
  ['a+-s', []],
  ['a+%2D%2Dhelp', []],
  ['%ff', []],
  ['%', []],
  ['a%00b', []],
])('the arguments in the query %j are %j', (query, words) => {
  expect(indexedArguments(query)).toEqual(words);
});

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { examineHead, NO_BODY, WITH_BODY } from '../../../src/hosts/node/examine-head.js';

const LIMITS = { maxHeaderCount: 3, maxTargetLength: 10 };

function examine(
  rawHeaders: string[],
  { url = '/', httpVersion = '1.1' } = {},
): ReturnType<typeof examineHead> {
  const incoming = Object.assign(new IncomingMessage(new Socket()), { url, httpVersion, rawHeaders });
  return examineHead(incoming, LIMITS);
}

describe('a good head', () => {
  test.each([
    ['without a body', [], NO_BODY],
    ['with Content-Length', ['Content-Length', '1'], WITH_BODY],
    ['with Content-Length 0', ['content-length', '0'], WITH_BODY],
    ['with Transfer-Encoding', ['TRANSFER-ENCODING', 'Chunked'], WITH_BODY],
    ['with fields of the same length of name', ['Hast', 'a', 'content-langth', '1'], NO_BODY],
  ])('%s', (_name, fields, outcome) => {
    expect(examine(['Host', 'a', ...fields])).toBe(outcome);
  });

  test('of HTTP/1.0 needs no Host', () => {
    expect(examine([], { httpVersion: '1.0' })).toBe(NO_BODY);
  });
});

describe('a bad head', () => {
  test.each([
    [['A', 'b'], {}, 400, 'There is no Host'],
    [['Host', 'a', 'HOST', 'a'], {}, 400, 'There is more than one Host'],
    [['Host', 'a b'], {}, 400, 'The Host is malformed'],
    [['Host', 'a', 'Transfer-Encoding', 'gzip'], {}, 501, 'The only Transfer-Encoding understood is chunked'],
    [
      ['Host', 'a', 'Transfer-Encoding', 'chunked'],
      { httpVersion: '1.0' },
      400,
      'HTTP/1.0 has no Transfer-Encoding',
    ],
    [['Host', 'a'], { httpVersion: '2.0' }, 505, 'Only HTTP/1.1 and HTTP/1.0 are spoken here'],
    [['Host', 'a'], { url: '/0123456789' }, 414, 'The request target is too long'],
    [['A', 'b', 'A', 'b', 'A', 'b', 'Host', 'a'], {}, 431, 'There are too many header fields'],
  ])('%j %j', (fields, more, status, detail) => {
    expect(examine(fields, more)).toEqual({ status, detail });
  });

  test('is judged by its own Host, whatever Host was good before', () => {
    expect(examine(['Host', 'good'])).toBe(NO_BODY);
    expect(examine(['Host', ''])).toEqual({ status: 400, detail: 'The Host is malformed' });
    expect(examine(['Host', 'good'])).toBe(NO_BODY);
  });
});

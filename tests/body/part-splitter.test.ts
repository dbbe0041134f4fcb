import { describe, expect, test } from '@jest/globals';
import { PartSplitter, type PartReceiver } from '../../src/body/part-splitter.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

const HEAD = '\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
const NAMED = '<Content-Disposition: form-data; name="a">';
const LATE = httpError(400, 'The multipart body does not begin with its boundary');
const LONG = httpError(400, 'A part of the form has too many headers');
const BROKEN = httpError(400, 'The multipart body has a malformed boundary');

const NO_RECEIVER: PartReceiver = {
  beginPart: () => undefined,
  content: () => undefined,
  endPart: () => undefined,
};

/** What a body is split into, sent in pieces of a size: `<head>content|` for each part. */
function split(body: string, size = Infinity, boundary = 'b'): string {
  let text = '';
  const parts = new PartSplitter(boundary, {
    beginPart: (head) => (text += `<${head.toString()}>`),
    content: (bytes) => (text += bytes.toString()),
    endPart: () => (text += '|'),
  });
  for (let i = 0; i < body.length; i += Math.min(size, body.length)) {
    parts.write(Buffer.from(body.slice(i, i + size), 'latin1'));
  }
  return text;
}

describe('a boundary', () => {
  test.each([
    'b',
    'a'.repeat(70),
    'a'.repeat(200),
    'a"b',
    'a\\b',
    'a;b',
    'é!',
    '----WebKitFormBoundary7MA4YWxkTrZu0gW',
    "09AZaz'()+_,-./:=?",
    'with a space',
  ])('may be %j', (boundary) => {
    const body = `--${boundary}${HEAD}x\r\n--${boundary}--`;
    expect(split(body, Infinity, boundary)).toBe(`${NAMED}x|`);
  });

  test.each([undefined, '', 'a'.repeat(201), 'a ', ' ', 'a\r\nb', 'a\tb', 'ž', 'a\n'])(
    'is not %j: 400',
    (boundary) => {
      expect(() => new PartSplitter(boundary, NO_RECEIVER)).toThrow(
        httpError(400, 'The multipart body has no valid boundary'),
      );
    },
  );
});

describe.each([Infinity, 1, 2, 3, 7])('PartSplitter, in pieces of %d', (size) => {
  test.each<[string, string, string]>([
    ['nothing', '', ''],
    ['no delimiter', 'text', ''],
    ['an empty form', '--b--', ''],
    ['one part', `--b${HEAD}x\r\n--b--\r\n`, `${NAMED}x|`],
    ['a part without content', `--b${HEAD}\r\n--b--`, `${NAMED}|`],
    ['two parts', `--b${HEAD}x\r\n--b${HEAD}\r\n--b--`, `${NAMED}x|${NAMED}|`],
    ['a preamble', `hello\r\n--b${HEAD}x\r\n--b--`, `${NAMED}x|`],
    ['a delimiter within a line', `--b${HEAD}x --b--\r\n--b--`, `${NAMED}x --b--|`],
    ['a delimiter after a lone line feed', `--b${HEAD}x\n--b--\r\n--b--`, `${NAMED}x\n--b--|`],
    ['an epilogue', `--b${HEAD}x\r\n--b--\r\ntext --b`, `${NAMED}x|`],
    ['half a delimiter', `--b${HEAD}x\r\n-\r\n--\r\r\n--b--`, `${NAMED}x\r\n-\r\n--\r|`],
    ['content that begins like a delimiter', `--b${HEAD}\r\r\n-z\r\n--b--`, `${NAMED}\r\r\n-z|`],
    ['content that breaks off', `--b${HEAD}x\r\n--`, `${NAMED}x`],
    ['an unfinished head', '--b\r\nContent-Disposition: fo', ''],
  ])('splits %s', (_, body, expected) => {
    expect(split(body, size)).toBe(expected);
  });

  test('takes no delimiter after the last', () => {
    expect(() => split(`--b${HEAD}x\r\n--b--\r\n--b`, size)).toThrow(
      httpError(400, 'The multipart body is malformed'),
    );
  });

  test('takes no line break of a head for that of a delimiter', () => {
    expect(() => split(`--b${HEAD}--b--`, size)).toThrow(httpError(400, 'The multipart body is malformed'));
  });

  test('takes a preamble of 8 KiB, not one byte more', () => {
    expect(split(`${'x'.repeat(8192)}\r\n--b${HEAD}x\r\n--b--`, size)).toBe(`${NAMED}x|`);
    expect(() => split(`${'x'.repeat(8193)}\r\n--b--`, size)).toThrow(LATE);
  });

  test('does not wait for a delimiter that is too late already', () => {
    expect(() => split('\r\n'.repeat(5000), size)).toThrow(LATE);
  });

  test('takes a head of 8 KiB, not one byte more', () => {
    const head = (length: number): string => {
      const start = 'Content-Disposition: form-data; name="a"\r\nX: ';
      return `--b\r\n${start}${'x'.repeat(length - start.length)}\r\n\r\n\r\n--b--`;
    };
    expect(split(head(8192), size)).toMatch(/>\|$/);
    expect(() => split(head(8193), size)).toThrow(LONG);
  });

  test('does not wait for the end of a head that is too long already', () => {
    expect(() => split(`--b\r\n${'x'.repeat(9000)}`, size)).toThrow(LONG);
  });

  test.each(['--bxx', '--b \r\n', '--b\n\n', '--b-x', '--b\r\r'])('answers 400 to %j', (body) => {
    expect(() => split(body, size)).toThrow(BROKEN);
  });
});

test.each([
  ['', false],
  ['--b', false],
  ['--b-', false],
  ['--b--', true],
  [`--b${HEAD}x`, false],
  [`--b${HEAD}x\r\n--b--`, true],
])('PartSplitter knows whether %j is complete: %s', (body, expected) => {
  const parts = new PartSplitter('b', NO_RECEIVER);
  parts.write(Buffer.from(body));
  expect(parts.isComplete).toBe(expected);
});

test('PartSplitter tells a boundary from one that it begins', () => {
  expect(split(`--bb${HEAD}x\r\n--b\r\n--bb--`, 1, 'bb')).toBe(`${NAMED}x\r\n--b|`);
});

test.each(['\r', '\r\n', '\r\n-', '\r\n--', '\r\n--c', '-'])(
  'PartSplitter takes linear time for content of many %j',
  (piece) => {
    const chunk = Buffer.from(piece.repeat(1024));
    expectWithin(300, () => {
      const parts = new PartSplitter('b', NO_RECEIVER);
      parts.write(Buffer.from(`--b${HEAD}`));
      for (let i = 0; i < 1024; i++) parts.write(chunk);
    });
  },
);

test('what has no delimiter at its end is handed on without being copied', () => {
  const given: Buffer[] = [];
  const parts = new PartSplitter('b', { ...NO_RECEIVER, content: (bytes) => given.push(bytes) });
  const chunk = Buffer.from('x'.repeat(100));
  parts.write(Buffer.from(`--b${HEAD}`));
  // The line break behind the head could begin a delimiter, so the first piece is put together with it.
  parts.write(Buffer.from('x'));
  parts.write(chunk);
  expect(given.slice(1).map(({ byteOffset, length }) => [byteOffset, length])).toEqual([
    [chunk.byteOffset, 100],
  ]);
  expect(given[1]?.buffer === chunk.buffer).toBe(true);
});

import { describe, expect, test } from '@jest/globals';
import { checkBoundary, PartSplitter, type PartReceiver } from '../../src/body/boundary.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

const HEAD = '\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
const LATE = httpError(400, 'The multipart body does not begin with its boundary');
const LONG = httpError(400, 'A part of the form has too many headers');
const BROKEN = httpError(400, 'The multipart body has a malformed boundary');

const NOBODY: PartReceiver = {
  frame: () => undefined,
  content: () => undefined,
  endContent: () => undefined,
};

/** The delimiters of a body, sent in pieces of a size. */
function watch(body: string, size = Infinity, boundary = 'b'): number {
  const parts = new PartSplitter(boundary, NOBODY);
  for (let i = 0; i < body.length; i += Math.min(size, body.length)) {
    parts.write(Buffer.from(body.slice(i, i + size)));
  }
  return parts.delimiters;
}

describe('checkBoundary', () => {
  test.each([
    'b',
    'a'.repeat(70),
    '----WebKitFormBoundary7MA4YWxkTrZu0gW',
    "09AZaz'()+_,-./:=?",
    'with a space',
  ])('takes %j', (boundary) => {
    expect(checkBoundary(boundary)).toBe(boundary);
  });

  test.each([undefined, '', 'a'.repeat(71), 'a ', ' ', 'a"b', 'a\\b', 'a;b', 'a\r\nb', 'a\tb', 'ž', 'a\n'])(
    'answers 400 to %j',
    (boundary) => {
      expect(() => checkBoundary(boundary)).toThrow(
        httpError(400, 'The multipart body has no valid boundary'),
      );
    },
  );
});

describe.each([Infinity, 1, 2, 3, 7])('PartSplitter, in pieces of %d', (size) => {
  test.each<[string, string, number]>([
    ['nothing', '', 0],
    ['no delimiter', 'text', 0],
    ['an empty form', '--b--', 1],
    ['one part', `--b${HEAD}x\r\n--b--\r\n`, 2],
    ['two parts', `--b${HEAD}x\r\n--b${HEAD}\r\n--b--`, 3],
    ['a preamble', `hello\r\n--b${HEAD}x\r\n--b--`, 2],
    ['a delimiter within a line', `--b${HEAD}x --b--\r\n--b--`, 2],
    ['a delimiter after a lone line feed', `--b${HEAD}x\n--b--\r\n--b--`, 2],
    ['an epilogue', `--b${HEAD}x\r\n--b--\r\ntext --b`, 2],
    ['half a delimiter', `--b${HEAD}x\r\n-\r\n--\r\r\n--b--`, 2],
    ['an unfinished head', '--b\r\nContent-Disposition: fo', 1],
  ])('counts the delimiters of %s', (_, body, expected) => {
    expect(watch(body, size)).toBe(expected);
  });

  test('takes no delimiter after the last', () => {
    expect(() => watch(`--b${HEAD}x\r\n--b--\r\n--b`, size)).toThrow(
      httpError(400, 'The multipart body is malformed'),
    );
  });

  test('takes a preamble of 8 KiB, not one byte more', () => {
    expect(watch(`${'x'.repeat(8192)}\r\n--b--`, size)).toBe(1);
    expect(() => watch(`${'x'.repeat(8193)}\r\n--b--`, size)).toThrow(LATE);
  });

  test('does not wait for a delimiter that is too late already', () => {
    expect(() => watch('\r\n'.repeat(5000), size)).toThrow(LATE);
  });

  test('takes a head of 8 KiB, not one byte more', () => {
    const head = (length: number): string => {
      const start = 'Content-Disposition: form-data; name="a"\r\nX: ';
      return `--b\r\n${start}${'x'.repeat(length - start.length)}\r\n\r\n\r\n--b--`;
    };
    expect(watch(head(8192), size)).toBe(2);
    expect(() => watch(head(8193), size)).toThrow(LONG);
  });

  test('does not wait for the end of a head that is too long already', () => {
    expect(() => watch(`--b\r\n${'x'.repeat(9000)}`, size)).toThrow(LONG);
  });

  test.each(['--bxx', '--b \r\n', '--b\n\n', '--b-x', '--b\r\r'])('answers 400 to %j', (body) => {
    expect(() => watch(body, size)).toThrow(BROKEN);
  });
});

test.each([
  ['', false],
  ['--b', false],
  ['--b-', false],
  ['--b--', true],
  [`--b${HEAD}x`, false],
  [`--b${HEAD}x\r\n--b--`, true],
  [`--b${HEAD}--b\r\nX\r\n--b--`, false],
])('PartSplitter knows whether %j is complete: %s', (body, expected) => {
  const parts = new PartSplitter('b', NOBODY);
  parts.write(Buffer.from(body));
  expect(parts.isComplete).toBe(expected);
});

test('PartSplitter tells a boundary from one that it begins', () => {
  expect(watch(`--bb${HEAD}x\r\n--b\r\n--bb--`, 1, 'bb')).toBe(2);
});

test.each(['\r', '\r\n', '\r\n-', '\r\n--', '\r\n--c', '-'])(
  'PartSplitter takes linear time for content of many %j',
  (piece) => {
    const chunk = Buffer.from(piece.repeat(1024));
    expectWithin(300, () => {
      const parts = new PartSplitter('b', NOBODY);
      parts.write(Buffer.from(`--b${HEAD}`));
      for (let i = 0; i < 1024; i++) parts.write(chunk);
    });
  },
);

/** What a receiver is given: `<...>` for frames, contents of files as they are, `|` where one ends. */
function split(body: string, size: number): string {
  let text = '';
  const parts = new PartSplitter('b', {
    frame: (bytes) => (text += `<${bytes.toString()}>`),
    content: (bytes) => (text += bytes.toString()),
    endContent: () => (text += '|'),
  });
  for (let i = 0; i < body.length; i += size) parts.write(Buffer.from(body.slice(i, i + size)));
  parts.end();
  return text.replaceAll('><', '');
}

const FILE = '\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n';
const BYTES =
  '\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: Application/Octet-Stream\r\n\r\n';

describe.each([1, 2, 3, 5, 1000])('what is handed on in pieces of %d', (size) => {
  test.each([
    ['', ''],
    ['--b--', '<--b-->'],
    ['--b\r\nContent', '<--b\r\nContent>'],
    [`--b${HEAD}x\r\n--b--\r\n`, `<--b${HEAD}x\r\n--b--\r\n>`],
    [`--b${FILE}x\r\n--b--\r\n`, `<--b${FILE}>x|<\r\n--b--\r\n>`],
    [`--b${BYTES}x\r\n--b--`, `<--b${BYTES}>x|<\r\n--b-->`],
    [`--b${FILE}\r\n--b--`, `<--b${FILE}>|<\r\n--b-->`],
    [
      `hello\r\n--b${FILE}x\r\n--b${HEAD}y\r\n--b${FILE}\r\r\n-z\r\n--b--`,
      `<hello\r\n--b${FILE}>x|<\r\n--b${HEAD}y\r\n--b${FILE}>\r\r\n-z|<\r\n--b-->`,
    ],
    // The line break before the delimiter belongs to the head already, so it is not there twice.
    [`--b${FILE}--b--`, `<--b${FILE}>|<--b-->`],
    [`--b${FILE}x\r\n--`, `<--b${FILE}>x<\r\n-->`],
  ])('of %j is %j', (body, expected) => {
    expect(split(body, size)).toBe(expected);
  });
});

test('what has no delimiter at its end is handed on without being copied', () => {
  const given: Buffer[] = [];
  const parts = new PartSplitter('b', { ...NOBODY, content: (bytes) => given.push(bytes) });
  const chunk = Buffer.from('x'.repeat(100));
  parts.write(Buffer.from(`--b${FILE}`));
  // The line break behind the head could begin a delimiter, so the first piece is put together with it.
  parts.write(Buffer.from('x'));
  parts.write(chunk);
  expect(given.slice(1).map(({ byteOffset, length }) => [byteOffset, length])).toEqual([
    [chunk.byteOffset, 100],
  ]);
  expect(given[1]?.buffer === chunk.buffer).toBe(true);
});

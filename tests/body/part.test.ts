import { describe, expect, test } from '@jest/globals';
import { readPart, textOf, type Part } from '../../src/body/part.js';
import { MAX_PART_HEAD } from '../../src/body/part-splitter.js';
import { charsetOf } from '../../src/http/charset.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

const DISPOSITION = 'Content-Disposition: form-data; name="a"';
const MALFORMED = 'The multipart body is malformed';
const ONE = 'Each part of a form has one Content-Disposition';
const headers = (count: number): string =>
  [DISPOSITION, ...Array.from({ length: count - 1 }, (_, i) => `X-${String(i)}: 1`)].join('\r\n');
const of = (head: string | Buffer): Part => readPart(Buffer.from(head));
const namesOf = (head: string | Buffer): (string | undefined)[] => {
  const { info, filename } = of(head);
  return [info.name, filename];
};

test('a head has at most 8 KiB', () => {
  expect(MAX_PART_HEAD).toBe(8192);
});

describe('the name of a part, and that of its file', () => {
  test.each<[string, string, string?]>([
    [DISPOSITION, 'a'],
    ['content-disposition:form-data;name=b', 'b'],
    ['Content-Disposition: FORM-data; NAME="a"', 'a'],
    ['Content-Disposition: form-data; name="a\\"b"', 'a"b'],
    ['Content-Disposition: form-data; name="a%22b"', 'a%22b'],
    ['Content-Disposition: form-data; name="ž"', 'ž'],
    ['Content-Disposition: form-data; name=à', 'à'],
    ['Content-Disposition: form-data; name="filename"', 'filename'],
    [`Content-Type: text/plain\r\n${DISPOSITION}\r\nContent-Length: 1`, 'a'],
    [`${DISPOSITION}; filename="x.txt"`, 'a', 'x.txt'],
    [`${DISPOSITION}; filename=""`, 'a'],
    [`${DISPOSITION}; filename="..\\x/y.txt"`, 'a', 'y.txt'],
    [`${DISPOSITION}; filename="C:\\Users\\me\\y.txt"`, 'a', 'y.txt'],
    [`${DISPOSITION}; filename="filename*=UTF-8''x; filename*=y"`, 'a', 'filename*=UTF-8\'\'x; filename*=y'],
    [`${DISPOSITION}; filename="a\\"; filename*=x"`, 'a', 'a"; filename*=x'],
    [`${DISPOSITION}\r\nX-Note: filename*=x`, 'a'],
    [headers(20), 'a'],
  ])('of %j', (head, ...names) => {
    expect(namesOf(head)).toEqual([names[0], names[1]]);
  }); // prettier-ignore
});

describe('what senders write that no grammar gives', () => {
  test.each<[string, string, string, string?]>([
    ['.NET, without quotes and with the name twice', "name=a; filename=x.txt; filename*=utf-8''x.txt", 'a', 'x.txt'],
    ['.NET, a name that is not ASCII', `name=a; filename="=?utf-8?B?xb4=?="; filename*=utf-8''%C5%BE`, 'a', 'ž'],
    ['urllib3 1.24, the extended name alone', "name*=utf-8''%C5%BE; filename*=utf-8''%C5%BE.txt", 'ž', 'ž.txt'],
    ['the extended name first', `name="a"; filename*=UTF-8''%C5%BE; filename="z"`, 'a', 'ž'],
    ['the extended name in quotes', `name="a"; filename*="UTF-8''%C5%BE"`, 'a', 'ž'],
    ['a language', `name="a"; filename*=UTF-8'cs-CZ'%C5%BE`, 'a', 'ž'],
    ['Latin-1', `name="a"; filename*=iso-8859-1''%E9`, 'a', 'é'],
    ['an extended name that is no UTF-8', `name="a"; filename="x"; filename*=UTF-8''%E9`, 'a', 'x'],
    ['an extended name with a bad escape', `name="a"; filename="x"; filename*=UTF-8''%zz`, 'a', 'x'],
    ['an extended name without a charset', `name="a"; filename="x"; filename*=y`, 'a', 'x'],
    ['an extended name in a charset that none knows', `name="a"; filename="x"; filename*=x''y`, 'a', 'x'],
    ['an extended name that is a path', `name="a"; filename*=UTF-8''..%2F..%5Cy%00.txt`, 'a', 'y.txt'],
    ['an extended name with quotes and backslashes', `name*=utf-8''%22%5C%22; filename="x"`, '"\\"', 'x'],
    ['an extended file name with what headers may not have', `name="a"; filename*=utf-8''%22x%0D%0A%27%28%2A.txt`, 'a', '"x\'(*.txt'],
    ['spaces without quotes', 'name=my field; filename=my file (1).txt', 'my field', 'my file (1).txt'],
    ['spaces around everything', 'name = "a" ; filename = x.txt ', 'a', 'x.txt'],
    ['a semicolon too many', 'name="a";; filename="x.txt";', 'a', 'x.txt'],
    ['parameters of its own', 'name="a"; size=3; filename="x.txt"; x=', 'a', 'x.txt'],
  ])('%s', (_, parameters, ...names) => {
    expect(namesOf(`Content-Disposition: form-data; ${parameters}`)).toEqual(names);
  }); // prettier-ignore
});

describe('refuses', () => {
  test.each([
    ['', MALFORMED],
    ['text', MALFORMED],
    [': x', MALFORMED],
    ['X', MALFORMED],
    [`${DISPOSITION}\r\n`, MALFORMED],
    [` ${DISPOSITION}`, MALFORMED],
    [`${DISPOSITION};\r\n filename="x"`, MALFORMED],
    [`${DISPOSITION}\r\n\tfolded: 1`, MALFORMED],
    [`${DISPOSITION}\r\nX: \0`, MALFORMED],
    ['Content-Disposition : form-data; name="a"', MALFORMED],
    [`${DISPOSITION}\nX: 1\r\nžX: 1`, MALFORMED],
    ['Content-Disposition: attachment; name="a"', MALFORMED],
    ['Content-Disposition: form-data name="a"', MALFORMED],
    ['Content-Disposition: form-data; name="a', MALFORMED],
    ['Content-Disposition: form-data; name="a"b', MALFORMED],
    ['Content-Disposition: form-data; name=a"b"', MALFORMED],
    ['Content-Disposition: form-data; name', MALFORMED],
    [`${DISPOSITION}; name="b"`, MALFORMED],
    [`${DISPOSITION}; filename="x"; FileName="y"`, MALFORMED],
    [`${DISPOSITION}; filename*=UTF-8''x; filename*=UTF-8''y`, MALFORMED],
    [`${DISPOSITION}; filename*=UTF-8''%zz`, MALFORMED],
    [`${DISPOSITION}; FileName*=x`, MALFORMED],
    ["Content-Disposition: form-data; name*=utf-8''a%0D%0Ab", MALFORMED],
    ["Content-Disposition: form-data; name*=utf-8''a%00", MALFORMED],
    ['Content-Disposition: form-data; name="a\0"', MALFORMED],
    ['Content-Disposition: form-data; name="a"; filename="\x7f"', MALFORMED],
    ['Content-Disposition: form-data; name="a\nb"', MALFORMED],
    [`${DISPOSITION}; filename*0="a"; filename*1="b"`, MALFORMED],
    ['Content-Type: text/plain', ONE],
    [`${DISPOSITION}\r\ncontent-disposition: form-data; name="b"`, ONE],
    [`${DISPOSITION}\r\nContent-Type: a/b\r\ncontent-type: c/d`, 'Each part of a form has one Content-Type'],
    [headers(21), 'A part of the form has too many headers'],
    ['Content-Disposition: form-data', 'A part of the form has no name'],
    ['Content-Disposition: form-data; name=', 'A part of the form has no name'],
    [`${DISPOSITION}\r\nContent-Type: text/plain; charset=x`, 'A part of the form has an unknown charset'],
  ])('%j', (head, message) => {
    expect(() => of(head)).toThrow(httpError(400, message));
  });

  test.each(['name="\xe9"', 'name=a; filename=\xe9', 'name="a"; filename="\xc3"'])('%j, which is no UTF-8', (text) => {
    const head = Buffer.from(`Content-Disposition: form-data; ${text}`, 'latin1');
    expect(() => of(head)).toThrow(httpError(400, 'A part of the form is not valid utf-8'));
    expect(readPart(head, charsetOf('latin1')).info.name).toMatch(/^[aé]$/);
  }); // prettier-ignore

  test.each([';', '"', '\\', 'a:', ':', ' ', '\t=', '; a', '*', "'", '%', ' "', '; '])(
    'takes linear time for many %j',
    (piece) => {
      const much = piece.repeat((64 * 1024) / piece.length);
      for (const text of [much, `; x*=${much}`, `; x=${much}\0`, `\r\nX:${much}\0`]) {
        expectWithin(100, () => {
          try {
            of(DISPOSITION + text);
          } catch {
            // Only the time counts.
          }
        });
      }
    },
  );
});

test.each(['name="\0"', 'name="a', 'name="a"; filename="x\x01"', 'name=a; filename="\0"'])(
  'a head with %j leaves nothing to the next one',
  (parameters) => {
    expect(() => of(`Content-Disposition: form-data; ${parameters}`)).toThrow(httpError(400, MALFORMED));
    expect(namesOf(DISPOSITION)).toEqual(['a', undefined]);
    expect(namesOf('Content-Disposition: form-data; name=b; filename=x')).toEqual(['b', 'x']);
  },
);

describe('what a part says of itself', () => {
  const saying = (more: string): unknown => {
    const { filename, charset, coding, info } = of(DISPOSITION + more);
    const { type, typeOptions, dispositionOptions } = info;
    return [filename, charset?.name, coding, type, [...typeOptions], [...dispositionOptions].slice(1)];
  };
  const TEXT = 'text/plain';
  const SEVEN = '7bit';

  test.each<[string, unknown[]]>([
    ['', [undefined, undefined, SEVEN, TEXT, [], []]],
    ['\r\nContent-Type:', [undefined, undefined, SEVEN, TEXT, [], []]],
    ['\r\nContent-Type: nothing', [undefined, undefined, SEVEN, TEXT, [], []]],
    ['\r\nContent-Type: Application/JSON', [undefined, undefined, SEVEN, 'application/json', [], []]],
    ['\r\nContent-Type: text/csv; Header="no;"', [undefined, undefined, SEVEN, 'text/csv', [['header', 'no;']], []]],
    ['\r\nContent-Type: text/plain; charset=Latin1', [undefined, 'windows-1252', SEVEN, TEXT, [['charset', 'Latin1']], []]],
    ['\r\nContent-Type: application/octet-stream', ['unnamed', undefined, SEVEN, 'application/octet-stream', [], [['filename', 'unnamed']]]],
    ['; filename="x"', ['x', undefined, SEVEN, TEXT, [], [['filename', 'x']]]],
    ['; filename="../x"; Size=3', ['x', undefined, SEVEN, TEXT, [], [['filename', 'x'], ['size', '3']]]],
    ["; filename=y; filename*=utf-8''x", ['x', undefined, SEVEN, TEXT, [], [['filename', 'x']]]],
    ['; filename="x"\r\nContent-Type: image/x; charset=none', ['x', undefined, SEVEN, 'image/x', [['charset', 'none']], [['filename', 'x']]]],
    ['\r\nContent-Transfer-Encoding:  Base64 ', [undefined, undefined, 'base64', TEXT, [], []]],
    ['\r\nContent-Transfer-Encoding: binary', [undefined, undefined, 'binary', TEXT, [], []]],
    ['\r\nContent-Type: application/json;', [undefined, undefined, SEVEN, 'application/json', [], []]],
    ['\r\nContent-Type: application/octet-stream ; x=1', ['unnamed', undefined, SEVEN, 'application/octet-stream', [['x', '1']], [['filename', 'unnamed']]]],
    ['; filename=""', [undefined, undefined, SEVEN, TEXT, [], [['filename', '']]]],
  ])('with %j', (more, expected) => {
    expect(saying(more)).toEqual(expected);
  }); // prettier-ignore
});

test.each([
  ['latin1', '\xe9\x80', 'é€'],
  ['utf-8', '\xc3\xa9', 'é'],
  ['shift_jis', '\x82\xa0', 'あ'],
])('a value in %s is read in it', (label, bytes, text) => {
  expect(textOf(Buffer.from(bytes, 'latin1'), charsetOf(label))).toBe(text);
});

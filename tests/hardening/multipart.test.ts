/** Flaws that multipart parsers were known for, and the right answer to each: rows M1 to M24 of the corpus. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Form } from '../../src/body/form.js';
import { openSpoolFile, removeSpoolFile, spoolFolder, sweepSpoolFolders } from '../../src/body/spool.js';
import { BodyBytes } from '../../src/message/body-bytes.js';
import { Headers } from '../../src/message/headers.js';
import { bodyOf, field, file, part, pieces, textFields } from '../support/multipart.js';
import { Program } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';
import { expectWithinLater } from '../support/timing.js';
import {
  calls,
  echo,
  openDescriptors,
  postHead,
  readings,
  spooled,
  until,
  type Echo,
} from './echo-server.js';
import { BAD, EVERY, multipart } from './multipart-corpus.js';

const TYPE = multipart();
const URLENCODED = 'application/x-www-form-urlencoded';
const DISPOSITION = 'Content-Disposition: form-data; name="a"';
/** Milliseconds after which what has not ended never will. */
const WATCHDOG = 30_000;
/** More than what stays in memory. */
const LARGE = 'x'.repeat(70_000);

let server: Echo;

beforeAll(async () => {
  server = await echo();
});

afterAll(() => server.close());

beforeEach(() => {
  calls.length = 0;
  server.logger.errors.length = 0;
});

/** The status that answers a form. No handler sees one that is refused, nothing is logged, and no file stays. */
async function statusOf(body: string | Buffer, type = TYPE, path = '/form'): Promise<number> {
  calls.length = 0;
  const { status } = await server.post(path, type, body);
  expect(calls).toEqual(status === 200 ? [`POST ${path}`] : []);
  expect(server.logger.errors).toEqual([]);
  await until(() => spooled().length === 0);
  return status;
}

/** The fields and files that the server found, or its status. */
async function meaningOf(...sent: (string | Buffer)[]): Promise<unknown> {
  const { status, text } = await server.send(...sent);
  return status === 200 ? JSON.parse(text) : status;
}

/** A body of a type, without a server. */
function bodyOfType(contentType: string, chunks: readonly Buffer[]): BodyBytes {
  const headers = new Headers({ 'Content-Type': contentType });
  return new BodyBytes(chunks, { hasBody: true, headers, onClose: () => undefined });
}

/** What a body means that arrives in these pieces, without a server. */
async function inProcess(contentType: string, chunks: readonly Buffer[]): Promise<unknown> {
  let form: Form;
  try {
    form = await bodyOfType(contentType, chunks).readForm({});
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    return { status, message };
  }
  const files: unknown[] = [];
  for (const each of form.files)
    files.push([each.name, each.filename, each.type, (await each.bytes()).toString('latin1')]);
  return { fields: textFields(form), files };
}

describe.each(EVERY)('a body with %s', (_name, type, body, meaning) => {
  test('means the same over the wire: whole, cut, and one byte per write', async () => {
    const head = postHead('/form', type, body.length);
    const third = Math.ceil(body.length / 3);
    expect(await meaningOf(head, body)).toEqual(meaning);
    expect(await meaningOf(head, ...pieces(body, Math.max(third, 1)))).toEqual(meaning);
    expect(await meaningOf(head, ...pieces(body, 1))).toEqual(meaning);
    expect(server.logger.errors).toEqual([]);
  });

  test('means the same cut at every byte', async () => {
    const whole = await inProcess(type, [body]);
    expect(whole).toMatchObject(meaning === 400 ? { status: 400 } : meaning);
    for (let at = 1; at < body.length; at++) {
      expect([at, await inProcess(type, [body.subarray(0, at), body.subarray(at)])]).toEqual([at, whole]);
    }
    expect(await inProcess(type, pieces(body, 1))).toEqual(whole);
  });
});

describe('M1, M19 what fails half-way closes everything', () => {
  test.each([
    ['a malformed part after a file', bodyOf(file('f', 'a', LARGE), part('X: 1', ''))],
    ['a malformed part before a file', bodyOf(part('X Y: 1', ''), file('f', 'a', LARGE))],
    [
      'a part without a name between files',
      bodyOf(file('f', 'a', LARGE), field('', ''), file('g', 'b', LARGE)),
    ],
    ['a cut file after another', Buffer.from(file('f', 'a', LARGE) + file('g', 'b', LARGE))],
    [
      'a malformed header value before a file',
      bodyOf(part(`X: \0\r\n${DISPOSITION}`, ''), file('f', 'a', 'x')),
    ],
  ])('%s, 30 times', async (_name, body) => {
    await statusOf(body);
    const before = openDescriptors();
    for (let i = 0; i < 30; i++) expect(await statusOf(body)).toBe(400);
    await until(() => openDescriptors() <= before);
  });
});

test('M2 every malformed form is answered with 400 on its own request, and the server goes on', async () => {
  const statuses = await Promise.all(
    BAD.map(async ([, type, body]) => (await server.post('/form', type, body)).status),
  );
  expect(statuses).toEqual(BAD.map(() => 400));
  expect(calls).toEqual([]);
  expect(await statusOf(bodyOf(field('a', '1')))).toBe(200);
});

describe('M3 refuses a part without a name', () => {
  test.each([
    ['a file with an empty name', file('', 'a', '1')],
    ['a file without a name', part('Content-Disposition: form-data; filename="a"', '1')],
    ['a file with a name that is not quoted and empty', part('Content-Disposition: form-data; name=; filename="a"', '1')],
    ['a field with an empty name', field('', '1')],
    ['a field without a name', part('Content-Disposition: form-data', '1')],
    ['a file behind a good field', field('a', '1') + file('', 'a', '1')],
    ['a large file', file('', 'a', LARGE)],
  ])('%s', async (_name, parts) => {
    expect(await statusOf(bodyOf(parts))).toBe(400);
  }); // prettier-ignore
});

describe('M4 a client that leaves', () => {
  test.each([
    ['within a head', '--b\r\nContent-Dis'],
    ['within a field', `--b\r\n${DISPOSITION}\r\n\r\n12`],
    ['within a file in memory', file('f', 'a', 'x').slice(0, -2)],
    ['within a file on disk', file('f', 'a', LARGE).slice(0, -2)],
    ['between files', file('f', 'a', LARGE)],
  ])('%s rejects the form that is awaited, and its files are removed', async (_name, sent) => {
    for (const leave of ['resetAndDestroy', 'destroy', 'end'] as const) {
      readings.length = 0;
      const client = await RawClient.connect(server.port);
      client.send(postHead('/by-hand', TYPE, 200_000) + sent);
      await until(() => readings.length === 1);
      client.socket[leave]();
      await expect(readings[0]).rejects.toMatchObject({ status: 400 });
      await until(() => spooled().length === 0);
      client.destroy();
    }
    expect(server.logger.errors).toEqual([]);
  });

  test.each([10_000, 200_000])(
    'behind an answer, %i bytes before their end, rejects the form too',
    async (size) => {
      readings.length = 0;
      const client = await RawClient.connect(server.port);
      client.send(postHead('/answered-before', TYPE, size) + file('f', 'a', 'x').slice(0, -2));
      await until(() => client.pending.includes('not waited for'));
      client.destroy();
      await expect(readings[0]).rejects.toMatchObject({ status: 400 });
      expect(server.logger.errors).toEqual([]);
    },
  );
});

describe('M5 refuses a line of a part head that begins with white space', () => {
  test.each([
    ['a space on the first line', ` X: 1\r\n${DISPOSITION}`],
    ['a tab on the first line', `\tX: 1\r\n${DISPOSITION}`],
    ['a space on the last line', `${DISPOSITION}\r\n X: 1`],
    ['a folded parameter', `Content-Disposition: form-data;\r\n name="a"`],
    ['only a space', ' '],
    ['a space before a good line', ` ${DISPOSITION}`],
  ])('%s', async (_name, head) => {
    expect(await statusOf(bodyOf(part(head, '1')))).toBe(400);
    expect(await statusOf(bodyOf(part(head, '1'), file('f', 'a', '1')))).toBe(400);
  });
});

describe('M6 stops at the limit of', () => {
  const many = (count: number, text: string): Buffer => bodyOf(text.repeat(count));
  test.each([
    ['1,000 fields', many(1000, field('a', '')), 200],
    ['1,000 fields, with one more', many(1001, field('a', '')), 413],
    ['100 files', many(100, file('f', 'a', '')), 200],
    ['100 files, with one more', many(101, file('f', 'a', '')), 413],
    ['1,000 parts', bodyOf(file('f', 'a', '').repeat(99), field('a', '').repeat(901)), 200],
    ['1,000 parts, with one more', bodyOf(file('f', 'a', '').repeat(99), field('a', '').repeat(902)), 413],
    ['all of them, with 50,000 fields', many(50_000, field('a', '')), 413],
    ['all of them, with 50,000 files', many(50_000, file('f', 'a', '')), 413],
  ])('%s', async (_name, body, status) => {
    expect(await statusOf(body)).toBe(status);
  });

  test('fields, with the rest of the body unread', async () => {
    const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.send(postHead('/form', TYPE, 30_000_000) + field('a', '').repeat(1002));
    const response = await client.response();
    expect([response.status, response.header('connection')]).toEqual([413, 'close']);
    await client.closed;
    client.destroy();
  });
});

describe('M7 takes linear time for 4 MB without an end', () => {
  test.each(['\r', '\n', '\r\n', '\r\n-', '\r\n--', '-', '\rx'])('of %j', async (text) => {
    const content = `\r${text.repeat(Math.ceil(4_000_000 / text.length))}`;
    const chunks = pieces(bodyOf(file('f', 'a', content)), 65_536);
    await expectWithinLater(500, async () => {
      const form = await bodyOfType(TYPE, chunks).readForm({ memoryFileSize: 8_000_000 });
      expect(form.getFile('f')?.length).toBe(content.length);
    });
  });
});

describe('M8 refuses a huge part without a file name while it comes', () => {
  test.each([
    ['a field', DISPOSITION],
    ['a field with a type', `${DISPOSITION}\r\nContent-Type: text/plain`],
    ['a part without a name', 'Content-Disposition: form-data'],
  ])('%s', async (_name, head) => {
    const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.send(`${postHead('/form', TYPE, 30_000_000)}--b\r\n${head}\r\n\r\n${'x'.repeat(66_000)}\r\n--b`);
    expect([400, 413]).toContain((await client.response()).status);
    await client.closed;
    client.destroy();
    expect(calls).toEqual([]);
  });

  test.each([
    [65_536, 200],
    [65_537, 413],
  ])('%i bytes are answered with %i', async (size, status) => {
    expect(await statusOf(bodyOf(field('a', 'x'.repeat(size))))).toBe(status);
  });
});

describe('M9 no file stays', () => {
  const body = bodyOf(file('f', 'a', LARGE), file('g', 'b', LARGE));

  test('after an answer', async () => {
    expect(await statusOf(body)).toBe(200);
  });

  test('after a handler that fails', async () => {
    expect((await server.post('/failing', TYPE, body)).status).toBe(500);
    expect(calls).toEqual(['POST /failing with 2 of 2 on disk']);
    await until(() => spooled().length === 0);
  });

  test('after a limit', async () => {
    expect(await statusOf(bodyOf(file('f', 'a', '12345'), file('f', 'b', '123456')), TYPE, '/small')).toBe(
      413,
    );
  });

  test('of a process that was killed', async () => {
    const dead = new Program(['-e', '0']);
    await dead.exited;
    const left = join(tmpdir(), `obol-uploads-${String(dead.process.pid)}-AbCdEf`);
    mkdirSync(left);
    writeFileSync(join(left, 'upload'), LARGE);
    sweepSpoolFolders();
    expect(() => statSync(left)).toThrow('ENOENT');
    expect(statSync(spoolFolder()).isDirectory()).toBe(true);
  });
});

test.each([
  ['5,000 parts without a name', bodyOf(field('', '1').repeat(5000))],
  ['5,000 parts with a bad head', bodyOf(part('X Y', '1').repeat(5000))],
  ['5,000 files without an end', Buffer.from(file('f', 'a', '').repeat(5000))],
])('M10 %s are one answer and no line in the log', async (_name, body) => {
  expect(await statusOf(body)).toBeGreaterThanOrEqual(400);
  expect([server.logger.errors, server.logger.warnings]).toEqual([[], []]);
});

describe('M11 gives up after 8 KiB before the first boundary', () => {
  test.each([
    ['CR and LF', '\r\n', 4_000_000, 400],
    ['CR', '\r', 4_000_000, 400],
    ['LF', '\n', 4_000_000, 400],
    ['beginnings of the boundary', '\r\n--', 4_000_000, 400],
    ['text', 'x', 8193, 400],
    ['no more than that', 'x', 8192, 200],
  ])('of %s', async (_name, text, size, status) => {
    const preamble = `${text.repeat(size / text.length)}\r\n`;
    await expectWithinLater(2000, async () => {
      expect(await statusOf(Buffer.concat([Buffer.from(preamble), bodyOf(field('a', '1'))]))).toBe(status);
    });
  });
});

test('M12 the name of a file on disk is random, its own, and for nobody else', async () => {
  const files = await Promise.all(Array.from({ length: 50 }, () => openSpoolFile()));
  const names = files.map(({ path }) => basename(path));
  expect(new Set(names).size).toBe(50);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{32}$/);
  if (process.platform !== 'win32') {
    for (const { path } of files) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(spoolFolder()).mode & 0o777).toBe(0o700);
  }
  for (const { path, handle } of files) {
    await handle.close();
    await removeSpoolFile(path);
  }
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\\\..\\\\boot.ini', 'boot.ini'],
  ['/etc/passwd', 'passwd'],
  ['C:\\\\x\\\\y.txt', 'y.txt'],
  ['C:y.txt', 'C:y.txt'],
  ['..', 'unnamed'],
  ['.', 'unnamed'],
  ['a/..', 'unnamed'],
  ['a/', 'unnamed'],
  ['....//....//x', 'x'],
  ['%2e%2e%2fx', '%2e%2e%2fx'],
  ['\u202etxt.exe', 'txt.exe'],
  ['x'.repeat(300), 'x'.repeat(255)],
])('M13 the file name %j is the data %j', async (filename, expected) => {
  const body = bodyOf(file('f', filename, '1'));
  const meaning = await meaningOf(postHead('/form', TYPE, body.length), body);
  expect(meaning).toEqual({ fields: [], files: [['f', expected, 'text/plain', '1']] });
});

describe('M14 counts the head of a part', () => {
  const headOf = (count: number, line: string): Buffer =>
    bodyOf(part([DISPOSITION, ...Array.from({ length: count }, () => line)].join('\r\n'), '1'));
  const sized = (size: number): Buffer =>
    bodyOf(part(`${DISPOSITION}\r\nX: ${'x'.repeat(size - DISPOSITION.length - 5)}`, '1'));

  test.each([
    ['20 headers', headOf(19, 'X: 1'), 200],
    ['21 headers', headOf(20, 'X: 1'), 400],
    ['2,000 headers', headOf(1999, 'X: 1'), 400],
    ['8 KiB', sized(8192), 200],
    ['more than 8 KiB', sized(8193), 400],
    ['10 MB in one header', sized(10_000_000), 400],
    ['a name of 100 bytes', bodyOf(field('x'.repeat(100), '1')), 200],
    ['a name of 101 bytes', bodyOf(field('x'.repeat(101), '1')), 400],
    ['a file field name of 101 bytes', bodyOf(file('x'.repeat(101), 'a', '1')), 400],
    ['a name of 51 characters in 102 bytes', bodyOf(field('ž'.repeat(51), '1')), 400],
  ])('%s', async (_name, body, status) => {
    expect(await statusOf(body)).toBe(status);
  });
});

describe('M15 totals are of the request, not of one field', () => {
  const value = 'x'.repeat(65_536);
  test.each([
    ['fields as large as all may be', field('a', value).repeat(16), 200],
    ['one byte more', field('a', value).repeat(16) + field('b', 'x'), 413],
    [
      'fields of many names',
      Array.from({ length: 17 }, (_, i) => field(`a${String(i)}`, value)).join(''),
      413,
    ],
    ['fields between files', (field('a', value) + file('f', 'a', '')).repeat(17), 413],
  ])('%s', async (_name, parts, status) => {
    expect(await statusOf(bodyOf(parts))).toBe(status);
  });

  test('small files are one large body', async () => {
    const body = bodyOf(file('f', 'a', '12345').repeat(7));
    expect(body.length).toBeGreaterThan(600);
    expect(await statusOf(body, TYPE, '/small')).toBe(413);
    const chunks = pieces(body, 100).flatMap((piece) => [`${piece.length.toString(16)}\r\n`, piece, '\r\n']);
    const head = `POST /small HTTP/1.1\r\nHost: a\r\nContent-Type: ${TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect((await server.send(head, ...chunks, '0\r\n\r\n')).status).toBe(413);
  });
});

test('M16 two files of one name are both seen, and asking for the one is an error of the client', async () => {
  const two = bodyOf(file('f', 'good', '1'), file('f', 'bad', '22'));
  expect((await server.post('/all-files', TYPE, two)).text).toBe('[1,2]');
  expect((await server.post('/one-file', TYPE, two)).status).toBe(400);
  expect((await server.post('/one-file', TYPE, bodyOf(file('f', 'a', '1')))).text).toBe('{"first":1}');
});

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'then'])(
  'M17 a field and a file named %s are plain data',
  async (name) => {
    const body = bodyOf(field(name, '1'), field(`${name}.x`, '2'), field(`${name}[x]`, '3'), file(name, 'a', '4'));
    expect(await meaningOf(postHead('/form', TYPE, body.length), body)).toEqual({
      fields: [[name, ['1']], [`${name}.x`, ['2']], [`${name}[x]`, ['3']]],
      files: [[name, 'a', 'text/plain', '4']],
    });
    expect(Object.keys(Object.prototype)).toEqual([]);
  },
); // prettier-ignore

test('M18 nothing hangs: every body cut off anywhere is answered', async () => {
  for (const [, type, body] of EVERY) {
    for (let at = 0; at < body.length; at += 7) {
      const watchdog = new Promise((resolve) => setTimeout(resolve, WATCHDOG, 'hangs').unref());
      const cut = inProcess(type, [body.subarray(0, at), Buffer.from('\r\n--b\r\n'), body.subarray(at)]);
      expect(await Promise.race([cut, watchdog])).not.toBe('hangs');
    }
  }
});

test.each(['a=1&b=%', 'a=1&b=%z', 'a=1&b=%zz', 'a=1&%e0%a4%a=1', 'a=%ff', '%00=%c3%28', 'a=1&b=%u0041'])(
  'M20 the urlencoded form %j is refused whole',
  async (body) => {
    expect(await statusOf(body, URLENCODED)).toBe(400);
  },
);

describe('M21 reads forms in the charset that they name', () => {
  test.each([
    ['utf-16', 415],
    ['utf-7', 415],
    ['x', 415],
    ['"utf-16"', 415],
    ['iso-8859-1', 200],
    ['us-ascii', 200],
    ['utf8', 200],
    ['utf-8', 200],
    ['UTF-8', 200],
    ['"Utf-8"', 200],
  ])('charset=%s is answered with %i', async (charset, status) => {
    expect(await statusOf('a=1', `${URLENCODED}; charset=${charset}`)).toBe(status);
    expect(await statusOf(bodyOf(field('a', '1')), `${TYPE}; charset=${charset}`)).toBe(status);
  });

  const meaning = (charset: string, bytes: string): Promise<unknown> => {
    const body = Buffer.from(bytes, 'latin1');
    const type = bytes.startsWith('--b') ? TYPE : URLENCODED;
    return meaningOf(postHead('/form', `${type}; charset=${charset}`, body.length), body);
  };
  const inLatin1 = (text: string): string => Buffer.from(text).toString('latin1');

  test.each([
    ['utf-8', inLatin1('ž=ž'), 'ž', 'ž'],
    ['utf8', '%C5%BE=%C5%BE+%41', 'ž', 'ž A'],
    ['windows-1252', '\x80=%80', '€', '€'],
    ['latin1', 'a=caf\xe9+%E9', 'a', 'café é'],
    ['windows-1250', 'a=%9E', 'a', 'ž'],
    ['shift_jis', 'a=%83n', 'a', 'ハ'],
    ['gbk', 'a=%C4%E3\xba\xc3', 'a', '你好'],
    ['utf-8', bodyOf(field('ž', 'ž')).toString('latin1'), 'ž', 'ž'],
    ['windows-1252', bodyOf(field('a', '1')).toString().replace('1', '\x80').replace('"a"', '"\xe9"'), 'é', '€'],
    ['utf-8', bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain;charset=koi8-r`, '\xcd')).toString().replace('\xcd', '\xcd'), 'a', 'м'],
    ['koi8-r', bodyOf(part(`${DISPOSITION}\r\nContent-Type: text/plain;charset=utf-8`, 'ž')).toString('latin1'), 'a', 'ž'],
  ])('in %s, %j has the field %j with %j', async (charset, bytes, name, value) => {
    expect(await meaning(charset, bytes)).toEqual({ fields: [[name, [value]]], files: [] });
  }); // prettier-ignore

  test.each([
    ['utf-8', 'a=\xe9'],
    ['utf-8', 'a=%E9'],
    ['utf-8', 'a=\xc5%BE'],
    ['utf-8', '\xff=1'],
    ['shift_jis', 'a=%82'],
    ['euc-kr', 'a=%FF'],
    ['latin1', 'a=%zz'],
    ['latin1', 'a=%'],
    ['utf-8', bodyOf(field('a', '1')).toString().replace('1', '\xe9')],
    ['shift_jis', bodyOf(field('a', '1')).toString().replace('1', '\x82')],
  ])('in %s, %j is answered with 400', async (charset, bytes) => {
    expect(await meaning(charset, bytes)).toBe(400);
  });
});

describe('M22 refuses a part that would vanish', () => {
  test.each([
    ['no Content-Disposition', part('Content-Type: text/plain', '1')],
    ['no head', '--b\r\n\r\n1\r\n'],
    ['two of Content-Disposition', part(`${DISPOSITION}\r\n${DISPOSITION}`, '1')],
    ['a Content-Disposition that is no form-data', part('Content-Disposition: inline; name="a"', '1')],
    ['filename* with a bad escape', field('a', '1', "; filename*=UTF-8''%zz")],
    ['filename* in capitals and without a charset', field('a', '1', '; FILENAME*=a.txt')],
    ['filename* in pieces', field('a', '1', '; filename*0="a"; filename*1="b"')],
    ['name* that is no UTF-8', part("Content-Disposition: form-data; name*=UTF-8''%E9", '1')],
    ['a transfer encoding that is not known', part(`${DISPOSITION}\r\nContent-Transfer-Encoding: x`, '1')],
    ['a quoted string without an end', part('Content-Disposition: form-data; name="a', '1')],
  ])('%s', async (_name, text) => {
    expect(await statusOf(bodyOf(text))).toBe(400);
    expect(await statusOf(bodyOf(field('x', '1'), text, field('y', '1')))).toBe(400);
  });
});

describe('M23 the limit of a file is inclusive', () => {
  test.each([
    [4, 200],
    [5, 200],
    [6, 413],
  ])('%i bytes of 5 are answered with %i', async (size, status) => {
    expect(await statusOf(bodyOf(file('f', 'a', 'x'.repeat(size))), TYPE, '/small')).toBe(status);
  });
});

describe('M24 refuses a body that is not complete', () => {
  const body = bodyOf(field('a', '1'), file('f', 'a', LARGE));
  test.each([
    ['of no bytes', Buffer.alloc(0)],
    ['without its final boundary', body.subarray(0, body.length - 7)],
    ['with half its final boundary', body.subarray(0, body.length - 4)],
    ['cut within a file', body.subarray(0, 30_000)],
    ['cut within the first boundary', body.subarray(0, 2)],
    ['cut after the first boundary', body.subarray(0, 5)],
    ['with LF only', Buffer.from(body.toString().replaceAll('\r\n', '\n'))],
  ])('%s', async (_name, bytes) => {
    expect(await statusOf(bytes)).toBe(400);
  });

  test('of the declared length 0', async () => {
    const head = `POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: ${TYPE}\r\nContent-Length: 0\r\n\r\n`;
    expect((await server.send(head)).status).toBe(400);
  });
});

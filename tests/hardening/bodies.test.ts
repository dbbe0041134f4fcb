/** Flaws that readers of bodies were known for, and the right answer to each: rows B1 to B11 of the corpus. */
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RawClient } from '../support/raw-client.js';
import { calls, echo, postHead, type Echo } from './echo-server.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MIB = 1024 * 1024;

let server: Echo;

beforeAll(async () => {
  server = await echo();
});

afterAll(() => server.close());

beforeEach(() => {
  calls.length = 0;
  server.logger.errors.length = 0;
});

/** The fields of a form, or the status that refuses it. */
async function fieldsOf(body: string): Promise<unknown> {
  const { status, text } = await server.post('/form', FORM, body);
  expect(calls.length).toBe(status === 200 ? 1 : 0);
  return status === 200 ? (JSON.parse(text) as { fields: unknown }).fields : status;
}

const chunked = (path: string, type: string, ...chunks: string[]): string[] => [
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ...chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`),
  '0\r\n\r\n',
];

describe('B1 a name with brackets or dots is one name, however deep', () => {
  test.each([
    ['brackets', `a${'[b]'.repeat(80)}`],
    ['dots', `a${'.b'.repeat(100)}`],
    ['brackets that stay open', 'a'.padEnd(200, '[')],
    ['encoded brackets', `a${'%5Bb%5D'.repeat(80)}`],
  ])('of %s', async (_name, name) => {
    expect(await fieldsOf(`${name}=1`)).toEqual([[decodeURIComponent(name), ['1']]]);
  });

  test.each(['[a]', '.a', '[', '%5B'])('100,000 times %j is refused', async (part) => {
    expect(await fieldsOf(`a${part.repeat(100_000)}=1`)).toBe(400);
  });
});

describe('B2 counts parameters before it takes them apart', () => {
  const form = (count: number, pair = 'a=1'): string => Array.from({ length: count }, () => pair).join('&');

  test('1,000 are read', async () => {
    expect(await fieldsOf(form(1000))).toEqual([['a', Array.from({ length: 1000 }, () => '1')]]);
  });

  test.each([
    ['1,001', form(1001)],
    ['1,001 without a value', form(1001, 'a')],
    ['1,001 of no name', form(1001, '=')],
    ['250,000', form(250_000)],
    ['a million empty ones', '&'.repeat(MIB)],
  ])('%s are answered with 413', async (_name, body) => {
    expect(await fieldsOf(body)).toBe(413);
  });

  test('1,001 in a query are answered with 400', async () => {
    const { status } = await server.send(`GET /args?${'a&'.repeat(1001)} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(status).toBe(400);
  });
});

describe('B3, B5 names of the prototype are plain names', () => {
  test.each([
    'a[__proto__]',
    '__proto__',
    '__proto__.x',
    '__proto__[x]',
    'constructor.prototype.x',
    'constructor[prototype][x]',
    'a[length]',
    'toString',
  ])('%s', async (name) => {
    expect(await fieldsOf(`${name}=1e9&${encodeURIComponent(name)}=2&b=3`)).toEqual([
      [name, ['1e9', '2']],
      ['b', ['3']],
    ]);
    const query = await server.send(`GET /args?${encodeURIComponent(name)}=1 HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(JSON.parse(query.text)).toEqual([[name, '1']]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(([] as unknown[]).length).toBe(0);
  });
});

describe('B4 the limit is the same in every notation', () => {
  test.each(['a[]', 'a[0]', 'a', 'a.b', 'a%5B%5D'])('%s', async (name) => {
    expect(await fieldsOf(Array.from({ length: 1000 }, () => `${name}=`).join('&'))).toHaveLength(1);
    calls.length = 0;
    expect(await fieldsOf(Array.from({ length: 1001 }, () => `${name}=`).join('&'))).toBe(413);
  });

  test('a comma separates nothing', async () => {
    expect(await fieldsOf(`a=${'1,'.repeat(2000)}`)).toEqual([['a', ['1,'.repeat(2000)]]]);
  });
});

describe('B6, B7 counts bytes, and decides before the handler', () => {
  test.each([
    ['Content-Length first', 'Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['Transfer-Encoding first', 'Transfer-Encoding: chunked\r\nContent-Length: 3'],
  ])('two framings are refused: %s', async (_name, fields) => {
    const head = `POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: ${JSON_TYPE}\r\n${fields}\r\n\r\n`;
    const { status } = await server.send(head, '3\r\n123\r\n0\r\n\r\n');
    expect([status, calls]).toEqual([400, []]);
  });

  test.each([
    ['one chunk', [`"${'x'.repeat(MIB)}"`]],
    ['many chunks', Array.from({ length: 65 }, () => '1'.repeat(16_384))],
  ])('a JSON body over the limit in %s is answered with 413, whatever the handler does', async (_name, chunks) => {
    for (const path of ['/json', '/unread', '/swallowing']) {
      const { status } = await server.send(...chunked(path, JSON_TYPE, ...chunks));
      expect([path, status]).toEqual([path, 413]);
    }
    expect(calls).toEqual([]);
  });

  test('a form over the limit in chunks is answered with 413, whatever the handler does', async () => {
    for (const path of ['/form', '/unread', '/swallowing']) {
      const { status } = await server.send(...chunked(path, FORM, 'a='.padEnd(MIB + 1, 'x')));
      expect([path, status]).toEqual([path, 413]);
    }
    expect(calls).toEqual([]);
  });
}); // prettier-ignore

describe('B8 every way to read a body has a limit of its own', () => {
  test.each([
    ['JSON', '/json', JSON_TYPE, MIB],
    ['a +json type', '/json', 'application/problem+json', MIB],
    ['an urlencoded form', '/form', FORM, MIB],
    ['a multipart form', '/form', 'multipart/form-data; boundary=b', 32 * MIB],
    ['bytes', '/bytes', 'application/octet-stream', MIB],
    ['text', '/bytes', 'text/plain', MIB],
    ['no type', '/bytes', undefined, MIB],
  ])('%s declared one byte over it', async (_name, path, type, limit) => {
    const client = await RawClient.connect(server.port);
    client.send(postHead(path, type, limit + 1));
    const { status } = await client.response();
    client.destroy();
    expect([status, calls]).toEqual([413, []]);
  });

  test.each([
    ['/json', JSON_TYPE],
    ['/form', FORM],
    ['/bytes', 'text/plain'],
  ])('%s as %s counted while it comes', async (path, type) => {
    const { status } = await server.send(...chunked(path, type, ...Array.from({ length: 17 }, () => '1'.repeat(65_536))));
    expect([status, calls]).toEqual([413, []]);
  });

  test.each([
    ['/stream', 33, 413],
    ['/stream', 31, 200],
    ['/stream-on', 33, 200],
  ])('%s of %i MiB in chunks is answered with %i', async (path, size, status) => {
    const chunks = Array.from({ length: size }, () => 'x'.repeat(MIB));
    expect((await server.send(...chunked(path, 'text/plain', ...chunks))).status).toBe(status);
  });

  test.each([
    ['/stream', 413],
    ['/stream-on', 200],
  ])('%s of 33 MiB that are declared is answered with %i', async (path, status) => {
    const body = 'x'.repeat(33 * MIB);
    expect((await server.send(postHead(path, 'text/plain', body.length), body)).status).toBe(status);
  });
}); // prettier-ignore

describe('B9 reads no encoded body as JSON or a form', () => {
  test.each([
    ['gzip', gzipSync('{"a":1}')],
    ['x-gzip', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', '{"a":1}'],
    ['gzip, gzip', gzipSync(gzipSync('{"a":1}'))],
    [Array.from({ length: 1000 }, () => 'gzip').join(', '), '{"a":1}'],
    ['identity, gzip', gzipSync('{"a":1}')],
    ['unknown', '{"a":1}'],
  ])('%.20s', async (coding, body) => {
    for (const [path, type] of [['/json', JSON_TYPE], ['/form', FORM], ['/form', 'multipart/form-data; boundary=b']] as const) {
      const head = postHead(path, `${type}\r\nContent-Encoding: ${coding}`, body.length);
      const { status } = await server.send(head, body);
      expect([type, status, calls]).toEqual([type, 415, []]);
    }
  });

  test.each(['identity', 'Identity', ''])('%j is no encoding', async (coding) => {
    const { text } = await server.send(postHead('/json', `${JSON_TYPE}\r\nContent-Encoding: ${coding}`, 7), '{"a":1}');
    expect(JSON.parse(text)).toMatchObject({ json: { a: 1 } });
  });
}); // prettier-ignore

describe('B10 refuses keys that poison', () => {
  test.each([
    '{"__proto__":{"admin":true}}',
    '{"__proto__":null}',
    '{"a":[{"b":{"__proto__":{}}}]}',
    '{"\\u005f_proto__":{}}',
    '{"\\u005F\\u005Fproto\\u005f_":{}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"a":{"constructor":{"prototype":null}}}',
    '{"\\u0063onstructor":{"prototyp\\u0065":{}}}',
    '[{"__proto__":1}]',
  ])('%s', async (body) => {
    const { status } = await server.post('/json', JSON_TYPE, body);
    expect([status, calls]).toEqual([400, []]);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test.each(['{"constructor":1}', '{"constructor":{"name":"x"}}', '{"prototype":{}}', '["__proto__"]', '{"a":"__proto__"}'])(
    '%s is not one of them',
    async (body) => {
      const { text } = await server.post('/json', JSON_TYPE, body);
      expect((JSON.parse(text) as { json: unknown }).json).toEqual(JSON.parse(body));
    },
  );
}); // prettier-ignore

describe('B11 what is no JSON is the client’s error', () => {
  const utf16 = Buffer.from('{"a":1}', 'utf16le');
  test.each<[string, string | Buffer, number]>([
    ['a bad UTF-8 sequence', Buffer.from('"\xff"', 'latin1'), 400],
    ['a cut UTF-8 sequence', Buffer.from('"\xe0\xa4"', 'latin1'), 400],
    ['an overlong UTF-8 sequence', Buffer.from('"\xc0\xaf"', 'latin1'), 400],
    ['a surrogate in UTF-8', Buffer.from('"\xed\xa0\x80"', 'latin1'), 400],
    ['UTF-16', utf16, 400],
    ['UTF-16 with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 400],
    ['a byte order mark', Buffer.from('\ufeff{"a":1}'), 200],
    ['two byte order marks', Buffer.from('\ufeff\ufeff{"a":1}'), 400],
    ['only a byte order mark', Buffer.from('\ufeff'), 400],
    ['nothing', '', 200],
    ['a space', ' ', 400],
    ['null', 'null', 200],
    ['a number', '1', 200],
    ['a text', '"x"', 200],
    ['garbage behind', '{"a":1}x', 400],
    ['a second value behind', '{}{}', 400],
    ['a NUL behind', '{}\0', 400],
    ['NaN', 'NaN', 400],
    ['a comment', '/**/1', 400],
    ['a trailing comma', '[1,]', 400],
    ['an object without an end', '{"a":', 400],
    ['1 MiB of [', '['.repeat(MIB), 400],
    ['1 MiB of {"a":', '{"a":'.repeat(MIB / 5), 400],
    ['64 levels', '['.repeat(64) + ']'.repeat(64), 200],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 400],
    ['65 levels of both kinds', '[{"a":'.repeat(33) + '1' + '}]'.repeat(33), 400],
    ['500,000 levels', '['.repeat(500_000) + ']'.repeat(500_000), 400],
    ['10,001 keys', `{${Array.from({ length: 10_001 }, (_, i) => `"${String(i)}":1`).join()}}`, 400],
    ['more than 1 MiB', `"${'x'.repeat(MIB)}"`, 413],
  ])('%s', async (_name, body, expected) => {
    const { status } = await server.post('/json', JSON_TYPE, body);
    expect([status, calls]).toEqual([expected, expected === 200 ? ['POST /json'] : []]);
    expect(server.logger.errors).toEqual([]);
  });
});

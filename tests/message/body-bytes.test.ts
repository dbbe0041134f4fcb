/** One body and several who read it: what one has read whole is there for all, what one has left is an error for all. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { Form } from '../../src/body/form.js';
import { HttpError } from '../../src/http/http-error.js';
import { BodyBytes } from '../../src/message/body-bytes.js';
import { Headers } from '../../src/message/headers.js';
import { BODY_DEFAULTS, RequestBody, type BodySettings } from '../../src/message/request-body.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

interface View {
  readonly body: RequestBody;
  readonly owner: { json: unknown; form: Form };
}

/** A chunked body, one chunk a turn, and any number of views of it. */
function chunked(type: string, ...chunks: string[]): (settings?: Partial<BodySettings>) => View {
  const headers = new Headers({ 'Content-Type': type, 'Transfer-Encoding': 'chunked' });
  return views(headers, ...chunks);
}

function views(headers: Headers, ...chunks: string[]): (settings?: Partial<BodySettings>) => View {
  const source = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
  const bytes = new BodyBytes(source, { hasBody: true, headers, onClose: () => undefined });
  return (settings) => {
    const owner = { json: undefined, form: new Form() };
    return { owner, body: new RequestBody(bytes, owner, { ...BODY_DEFAULTS, ...settings }) };
  };
}

const small = { json: { limit: 5 }, form: { urlencodedSize: 5 }, dataSize: 5, streamSize: 5 };
const next = (): string => 'handled';

async function drain(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** All ways to read. */
const READERS: Record<string, (body: RequestBody) => unknown> = {
  readBytes: (body) => body.readBytes(),
  readJson: (body) => body.readJson({}),
  readForm: (body) => body.readForm({}),
  automatic: (body) => body.readAutomatic(next),
  stream: (body) => drain(body.stream),
};

describe('a body that a reader has left in the middle', () => {
  const LEFT: [string, string, number, (view: View) => unknown][] = [
    ['readBytes over its limit', JSON_TYPE, 413, ({ body }) => body.readBytes(5)],
    ['readJson over its limit', JSON_TYPE, 413, ({ body }) => body.readJson({})],
    ['JSON read for the handler', JSON_TYPE, 413, ({ body }) => body.readAutomatic(next)],
    ['a form over its limit', FORM_TYPE, 413, ({ body }) => body.readForm({})],
    ['a form read for the handler', FORM_TYPE, 413, ({ body }) => body.readAutomatic(next)],
    ['a stream over its limit', JSON_TYPE, 413, ({ body }) => drain(body.stream)],
    [
      'a stream that is given up',
      JSON_TYPE,
      400,
      async ({ body }) => {
        for await (const chunk of body.stream) throw new HttpError(400, String(chunk));
      },
    ],
  ];
  const cases = LEFT.flatMap(([by, type, status, leave]) =>
    Object.entries(READERS)
      .filter(([reader]) => reader !== 'readForm' || type === FORM_TYPE)
      .map(([reader, read]) => ({ by, type, status, leave, reader, read })),
  );
  test.each(cases)('is an error for $reader after $by', async ({ type, status, leave, read }) => {
    const view = chunked(type, '{"a"', ':"bcd', 'efg"}');
    await expect(Promise.resolve(leave(view(status === 413 ? small : {})))).rejects.toMatchObject({ status });
    const { body, owner } = view();
    const reading = (async () => read(body))();
    await expect(reading).rejects.toMatchObject({ status });
    expect([owner.json, owner.form.size]).toEqual([undefined, 0]);
  });
});

describe('a stream that is over', () => {
  test.each<[string, (stream: Readable) => Promise<unknown>]>([
    ['read to its end', drain],
    [
      'left in the middle',
      async (stream) => {
        for await (const chunk of stream) return String(chunk);
        return undefined;
      },
    ],
  ])('because it was %s is an error for the next that reads it, and not an empty body', async (_, read) => {
    const { body } = chunked(JSON_TYPE, '{"a"', ':1}')();
    await read(body.stream);
    expect(body.stream.destroy().errored).toBeNull();
    await expect(drain(body.stream)).rejects.toMatchObject({ status: 400 });
  });
});

describe('a body that was refused before it was read', () => {
  test.each(Object.entries(READERS).filter(([reader]) => reader !== 'readForm'))(
    'is read by %s, whose limits it keeps',
    async (_reader, read) => {
      const text = '{"a":"bcdefg"}';
      const headers = new Headers({ 'Content-Type': JSON_TYPE, 'Content-Length': String(text.length) });
      const view = views(headers, text);
      for (const refused of ['readBytes', 'readJson', 'automatic', 'stream'])
        await expect((async () => READERS[refused]?.(view(small).body))()).rejects.toMatchObject({
          status: 413,
        });
      await expect(Promise.resolve(read(view().body))).resolves.toBeTruthy();
    },
  );

  test('as a form is read as one by the next reader', async () => {
    const headers = new Headers({ 'Content-Type': FORM_TYPE, 'Content-Length': '8' });
    const view = views(headers, 'a=123456');
    await expect(view(small).body.readForm({})).rejects.toMatchObject({ status: 413 });
    expect((await view().body.readForm({})).getFirst('a')).toBe('123456');
  });
});

describe('a body that was read whole', () => {
  test('is parsed by each view with its own settings', async () => {
    const view = chunked(JSON_TYPE, '{"a":', '[1]}');
    const [outer, inner, strict] = [view(), view(), view({ json: { depth: 1 } })];
    expect(await outer.body.readAutomatic(next)).toBe('handled');
    expect(await inner.body.readAutomatic(next)).toBe('handled');
    expect(inner.owner.json).toEqual(outer.owner.json);
    expect(inner.owner.json).not.toBe(outer.owner.json);
    await expect(strict.body.readAutomatic(next)).rejects.toMatchObject({ status: 400 });
    await expect(view(small).body.readAutomatic(next)).rejects.toMatchObject({ status: 413 });
  });

  test('is a stream for each view within its own limit', async () => {
    const view = chunked(JSON_TYPE, '{"a":', '[1]}');
    await view().body.readBytes();
    expect(await drain(view().body.stream)).toBe('{"a":[1]}');
    expect(() => view(small).body.stream).toThrow(expect.objectContaining({ status: 413 }));
  });

  test('as a form stays, and is not read again by other limits', async () => {
    const view = chunked(FORM_TYPE, 'a=1', '&b=2');
    const [outer, inner] = [view(), view(small)];
    const form = await outer.body.readForm({});
    expect(await inner.body.readAutomatic(next)).toBe('handled');
    expect([inner.owner.form, outer.owner.form]).toEqual([form, form]);
  });

  test('as a form is not there as bytes', async () => {
    const { body } = chunked(FORM_TYPE, 'a=1')();
    await body.readForm({});
    await expect(body.readBytes()).rejects.toMatchObject({ status: 400 });
    expect(() => body.stream).toThrow(HttpError);
  });
});

test('readers at the same time share one reading', async () => {
  const view = chunked(JSON_TYPE, '{"a":', '1}');
  const automatic = view().body.readAutomatic(next);
  const [bytes, json] = await Promise.all([view().body.readBytes(), view().body.readJson({})]);
  expect([await automatic, bytes.toString(), json]).toEqual(['handled', '{"a":1}', { a: 1 }]);
});

test('a reader that waits for another gets the error of that one', async () => {
  const view = chunked(JSON_TYPE, '{"a":', '"bcdefg"}');
  const readings = [view().body.readBytes(6), view().body.readBytes(), view().body.readJson({})];
  const results = await Promise.allSettled(readings);
  expect(results).toMatchObject(Array(3).fill({ reason: { status: 413 } }));
});

test('a handler called twice is not called with half a body', async () => {
  const { body } = chunked(JSON_TYPE, '{"a":', '"bcdefg"}')(small);
  await expect(body.readAutomatic(next)).rejects.toMatchObject({ status: 413 });
  await expect(body.readAutomatic(next)).rejects.toMatchObject({ status: 413 });
});

test.each([JSON_TYPE, FORM_TYPE])(
  'an encoded body of %s is not parsed, and can be read as it is',
  async (type) => {
    const headers = new Headers({ 'Content-Type': type, 'Content-Length': '3', 'Content-Encoding': 'gzip' });
    const { body } = views(headers, 'abc')();
    const parse = async (read: () => unknown): Promise<unknown> => read();
    for (const read of [() => body.readJson({}), () => body.readForm({}), () => body.readAutomatic(next)])
      await expect(parse(read)).rejects.toMatchObject({
        status: 415,
        headers: { 'Accept-Encoding': 'identity' },
      });
    expect((await body.readBytes()).toString()).toBe('abc');
  },
);

describe('a form of nothing', () => {
  const form = async (head: Record<string, string>, ...chunks: string[]): Promise<unknown> => {
    const { body } = views(new Headers(head), ...chunks)();
    return body.readForm({}).then(({ size }) => size, (error: unknown) => (error as HttpError).status); // prettier-ignore
  };

  test.each<[string, Record<string, string>]>([
    ['no length and no type', {}],
    ['the length 0 and no type', { 'Content-Length': '0' }],
    ['the length 0 and an empty type', { 'Content-Length': '0', 'Content-Type': '' }],
    ['the length 0 and the type of text', { 'Content-Length': '0', 'Content-Type': 'text/plain;charset=UTF-8' }],
    ['the length 0 and the type of JSON', { 'Content-Length': '0', 'Content-Type': JSON_TYPE }],
    ['the length 0 and the type of a form', { 'Content-Length': '0', 'Content-Type': FORM_TYPE }],
    ['an empty chunk alone', { 'Transfer-Encoding': 'chunked' }],
  ])('is empty: %s', async (_, head) => {
    expect(await form(head)).toBe(0);
  }); // prettier-ignore

  test.each<[string, Record<string, string>, string, number]>([
    ['a byte without a type', { 'Content-Length': '1' }, 'a', 415],
    ['a chunk without a type', { 'Transfer-Encoding': 'chunked' }, 'a', 415],
    ['text', { 'Content-Length': '1', 'Content-Type': 'text/plain' }, 'a', 415],
    ['no boundary where one should be', { 'Content-Length': '0', 'Content-Type': 'multipart/form-data; boundary=b' }, '', 400],
  ])('is not what has %s', async (_, head, text, status) => {
    expect(await form(head, ...(text === '' ? [] : [text]))).toBe(status);
  }); // prettier-ignore

  test('is what a request without a body has', async () => {
    const bytes = new BodyBytes([], { hasBody: false, headers: new Headers(), onClose: () => undefined });
    expect((await bytes.readForm({})).size).toBe(0);
  });

  test('is what an empty body has that was read before', async () => {
    const { body } = views(new Headers({ 'Transfer-Encoding': 'chunked' }))();
    await body.readBytes();
    expect((await body.readForm({})).size).toBe(0);
  });
});

describe('text', () => {
  const text = (type: string, bytes: string, more: Record<string, string> = {}): Promise<string> => {
    const headers = new Headers({ 'Content-Type': type, ...more });
    const source = Readable.from([Buffer.from(bytes, 'latin1')], { objectMode: false });
    const body = new BodyBytes(source, { hasBody: true, headers, onClose: () => undefined });
    return new RequestBody(body, { json: undefined, form: new Form() }, BODY_DEFAULTS).readText();
  };

  test.each([
    ['text/plain', '\xc5\xbe', 'ž'],
    ['text/plain; charset=utf8', '\xef\xbb\xbfa', 'a'],
    ['text/plain; charset=windows-1252', '\x80', '€'],
    ['text/csv; charset="ISO-8859-2"', '\xb9', 'š'],
    ['text/plain; charset=utf-16', '\xff\xfea\0', 'a'],
  ])('of the type %s is read in its charset', async (type, bytes, expected) => {
    expect(await text(type, bytes)).toBe(expected);
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['text/plain', '\xe9', {}, 400],
    ['text/plain; charset=shift_jis', '\x82', {}, 400],
    ['text/plain; charset=x', 'a', {}, 415],
    ['text/plain', 'a', { 'Content-Encoding': 'gzip' }, 415],
  ])('of the type %s is not read of %j with %j: %i', async (...[type, bytes, headers, status]) => {
    await expect(text(type, bytes, headers)).rejects.toMatchObject({ status });
  });
});

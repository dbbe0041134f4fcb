/** Forms on their way to a handler: parsed before it is called, within limits, or left to it. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  Args,
  BeforeResponse,
  Controller,
  createGuard,
  Data,
  Form,
  Get,
  Json,
  Post,
  Put,
  Route,
  reply,
  type BootstrapOptions,
  type Request,
} from 'obol';
import { spoolFolder } from '../../src/body/spool.js';
import { start } from '../support/client.js';

const B = 'boundary';
const MULTIPART = { 'Content-Type': `multipart/form-data; boundary=${B}` };
const URLENCODED = { 'Content-Type': 'application/x-www-form-urlencoded' };

function part(name: string, value: string, filename?: string): string {
  const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/plain`;
  return `--${B}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
}

function multipart(...parts: string[]): string {
  return `${parts.join('')}--${B}--\r\n`;
}

const Refused = createGuard('Refused', () => () => abort(403));

let paths: string[] = [];

/** Waits for the file system, turn by turn of the event loop. */
async function vanished(path: string): Promise<void> {
  while (existsSync(path)) await new Promise((resolve) => setImmediate(resolve));
}

@Controller()
class FormController {
  @Post('/echo')
  async echo(req: Request) {
    const files = req.form.files.map(({ name, filename, type, length }) => ({
      name,
      filename,
      type,
      length,
    }));
    return Promise.resolve({ fields: req.form.fields.map(({ name, value }) => [name, value]), files });
  }

  @Post('/members')
  members({ form }: Request) {
    const meta = form.getField('meta');
    return {
      has: form.has('upload'),
      names: form.names(),
      size: form.size,
      all: [...form].map(([name, member]) => [name, typeof member === 'string' ? member : member.filename]),
      meta: [meta?.type, [...(meta?.typeOptions ?? [])]],
    };
  }

  @Post('/text')
  async text(req: Request) {
    return reply((await req.form.getFile('f')?.text()) ?? 'no file', 'text/plain');
  }

  @Post('/spooled')
  spooled() {
    paths = readdirSync(spoolFolder()).map((name) => `${spoolFolder()}/${name}`);
    return paths.length;
  }

  @Form({ files: 1, fileSize: 4, fieldSize: 3 })
  @Post('/limited')
  limited(req: Request) {
    return [...req.form];
  }

  @Form(false)
  @Post('/by-hand')
  async byHand(req: Request) {
    const before = req.form.size;
    const form = await req.readForm({ fields: 2 });
    return { before, fields: [...form], same: form === req.form };
  }

  @Json({ limit: 4 })
  @Post('/small-json')
  smallJson(req: Request) {
    return req.json;
  }

  @Post('/plain-json')
  plainJson(req: Request) {
    return { json: req.json ?? null };
  }

  @Json(false)
  @Post('/raw-json')
  async rawJson(req: Request) {
    return { json: req.json ?? null, raw: (await req.readBytes()).toString() };
  }

  @Refused()
  @Post('/refused')
  refused() {
    return 'never';
  }
}

describe('a form', () => {
  test('that is urlencoded has its fields, blank ones too', async () => {
    const { client } = await start(FormController);
    const response = await client.post('/echo', { headers: URLENCODED, body: 'a=1&a=2&b=&c=%C5%BE+x' });
    expect(await response.json()).toEqual({ fields: [['a', '1'], ['a', '2'], ['b', ''], ['c', 'ž x']], files: [] }); // prettier-ignore
  });

  test('that is multipart has fields and files', async () => {
    const { client } = await start(FormController);
    const body = multipart(part('a', 'ž'), part('f', 'hello', '../x.txt'));
    expect(await (await client.post('/echo', { headers: MULTIPART, body })).json()).toEqual({
      fields: [['a', 'ž']],
      files: [{ name: 'f', filename: 'x.txt', type: 'text/plain', length: 5 }],
    });
    expect(await (await client.post('/text', { headers: MULTIPART, body })).text()).toBe('hello');
  });

  test('is empty when there is none', async () => {
    const { client } = await start(FormController);
    expect(await (await client.post('/echo')).json()).toEqual({ fields: [], files: [] });
  });

  test('keeps large files on disk until the request is over', async () => {
    const { client } = await start(FormController);
    const body = multipart(part('f', 'x'.repeat(100_000), 'large.txt'));
    expect(await (await client.post('/spooled', { headers: MULTIPART, body })).json()).toBe(1);
    expect(paths).toHaveLength(1);
    await vanished(paths[0] ?? '');
  });

  test.each([
    ['too large a file', multipart(part('f', '12345', 'f')), 413],
    ['too many files', multipart(part('f', '1', 'f'), part('g', '1', 'g')), 413],
    ['too large a field', multipart(part('a', '1234')), 413],
    ['everything at its limit', multipart(part('f', '1234', 'f'), part('a', '123')), 200],
    ['no end', part('a', '1'), 400],
  ])('with %s is answered within the limits of its route', async (_, body, status) => {
    const { client, logger } = await start(FormController);
    expect((await client.post('/limited', { headers: MULTIPART, body })).status).toBe(status);
    expect(logger.errors).toEqual([]);
  });

  test.each([
    ['a bad escape', URLENCODED, 'a=%zz', 400],
    ['another charset', { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-16' }, 'a=1', 415],
    ['too many fields', URLENCODED, 'a&'.repeat(1001), 413],
    ['no boundary', { 'Content-Type': 'multipart/form-data' }, 'x', 400],
  ])('with %s is refused', async (_, headers, body, status) => {
    const { client } = await start(FormController);
    expect((await client.post('/echo', { headers, body })).status).toBe(status);
  });

  test('may be left to the handler', async () => {
    const { client } = await start(FormController);
    const response = await client.post('/by-hand', { headers: URLENCODED, body: 'a=1&b=2' });
    expect(await response.json()).toEqual({ before: 0, fields: [['a', '1'], ['b', '2']], same: true }); // prettier-ignore
    expect((await client.post('/by-hand', { headers: URLENCODED, body: 'a=1&b=2&c=3' })).status).toBe(413);
    expect(
      (await client.post('/by-hand', { headers: { 'Content-Type': 'text/plain' }, body: 'a' })).status,
    ).toBe(415);
  });

  test('has files as members, and what its parts say of themselves', async () => {
    const { client } = await start(FormController);
    const json = `--${B}\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json; v="2"\r\n\r\n{"a":1}\r\n`;
    const body = multipart(
      part('upload', 'x', 'x.txt'),
      json,
      part('upload', 'y', 'y.txt'),
      part('text', 'z'),
    );
    expect(await (await client.post('/members', { headers: MULTIPART, body })).json()).toEqual({
      has: true,
      names: ['upload', 'meta', 'text'],
      size: 3,
      all: [['upload', 'x.txt'], ['upload', 'y.txt'], ['meta', '{"a":1}'], ['text', 'z']],
      meta: ['application/json', [['v', '2']]],
    }); // prettier-ignore
  });

  test('is not read when a guard refuses', async () => {
    const { client } = await start(FormController);
    expect((await client.post('/refused', { headers: MULTIPART, body: 'malformed' })).status).toBe(403);
  });
});

@Controller()
class HookController {
  @BeforeResponse()
  async read(req: Request) {
    await req.readForm();
  }

  @Post('/hook')
  hook(req: Request) {
    return [...req.form];
  }
}

test('a before hook may read the form when automatic reading is off', async () => {
  const { client } = await start(HookController, { autoForm: false });
  const response = await client.post('/hook', { headers: URLENCODED, body: 'a=1' });
  expect(await response.json()).toEqual([['a', '1']]);
});

describe('a JSON body', () => {
  const json = { headers: { 'Content-Type': 'application/json' } };

  test('has the limit of its route', async () => {
    const { client } = await start(FormController);
    expect((await client.post('/small-json', { ...json, body: '1234' })).status).toBe(200);
    expect((await client.post('/small-json', { ...json, body: '12345' })).status).toBe(413);
  });

  test('may be left to the handler, by the route or by the application', async () => {
    const { client } = await start(FormController);
    expect(await (await client.post('/raw-json', { ...json, body: '[1]' })).json()).toEqual({
      json: null,
      raw: '[1]',
    });
    const { client: other } = await start(FormController, { autoJson: false });
    expect(await (await other.post('/plain-json', { ...json, body: '[1]' })).json()).toEqual({ json: null });
  });

  test('is read for a route that sets its limits, whatever the application says', async () => {
    const { client } = await start(FormController, { autoJson: false });
    expect(await (await client.post('/small-json', { ...json, body: '[1]' })).json()).toEqual([1]);
  });
});

describe('settings of forms', () => {
  test.each([
    [{ form: { files: 0 } }, 'form.files: 0 is not a whole number of files, 1 or more.'],
    [{ formMimeTypes: ['form'] }, 'formMimeTypes[0]: "form" is not a media type such as "application/json".'],
    [{ dataSize: 0 }, 'dataSize: 0 is not a whole number of bytes, 1 or more.'],
    [{ readTimeout: -1 }, 'readTimeout: -1 is not a whole number of milliseconds, 0 to 2147483647.'],
    [{ proxyHeader: 'via' as never }, 'proxyHeader: "via" is not "x-forwarded" or "forwarded".'],
  ])('%j is refused at bootstrap', async (options, message) => {
    await expect(start(FormController, options)).rejects.toThrow(message);
  });

  test('apply to every route', async () => {
    const { client } = await start(FormController, { form: { fields: 1 } });
    expect((await client.post('/echo', { headers: URLENCODED, body: 'a=1&b=2' })).status).toBe(413);
  });

  test('send the files of every route where the application says', async () => {
    const names: string[] = [];
    const fileCallback = (name: string): undefined => void names.push(name);
    const { client } = await start(FormController, { fileCallback });
    const body = multipart(part('f', 'text', '../a.txt'));
    expect((await client.post('/echo', { headers: MULTIPART, body })).status).toBe(200);
    expect(names).toEqual(['a.txt']);
  });
});

@Controller()
class DataController {
  @Get('/') read(req: Request) {
    return { data: req.data?.toString(), args: req.args.size, cookies: req.cookies.size };
  }
  @Data(4) @Put('/four') four(req: Request) {
    return { data: req.data?.toString() };
  }
  @Data(false) @Put('/stream') async stream(req: Request) {
    const { data } = req;
    const bytes = await req.readBytes();
    return { data, length: bytes.length };
  }
}

describe('a body that is neither JSON nor a form', () => {
  test.each([
    ['GET', '/', 'abc', {}, 200, { data: 'abc', args: 0, cookies: 0 }],
    ['GET', '/', 'abc', { dataSize: 2 }, 200, { args: 0, cookies: 0 }],
    ['GET', '/', 'abc', { autoData: false }, 200, { args: 0, cookies: 0 }],
    ['PUT', '/four', 'abcd', {}, 200, { data: 'abcd' }],
    ['PUT', '/four', 'abcde', {}, 413, undefined],
    ['PUT', '/stream', 'abc', {}, 200, { length: 3 }],
  ])('%s %s with %j and %j: %i %j', async (...[method, path, body, options, status, answer]) => {
    const { client } = await start(DataController, options);
    const response = await client.request(path, { method, body });
    expect(response.status).toBe(status);
    if (answer) expect(await response.json()).toEqual(answer);
  });
});

@Controller()
class PartController {
  @Route('/whole', ['PUT', 'POST', 'PATCH']) whole(req: Request) {
    return { length: req.data?.length ?? 0 };
  }
  @Put('/json') json(req: Request) {
    return { json: req.json };
  }
  @Data(false) @Put('/stream') async stream(req: Request) {
    return { length: (await req.readBytes()).length };
  }
  @Data(64, { partial: true }) @Put('/part') part(req: Request) {
    return { range: req.headers.get('content-range'), length: req.data?.length ?? 0 };
  }
}

describe('Content-Range', () => {
  test.each<[string, string, string, string, number]>([
    ['PUT', '/whole', 'bytes 0-2/6', 'abc', 400],
    ['PUT', '/whole', 'bytes 0-2/3', 'abc', 400],
    ['PUT', '/whole', 'bytes 3-5/*', 'abc', 400],
    ['PUT', '/whole', 'bytes */6', '', 400],
    ['PUT', '/whole', 'lines 1-2/3', 'abc', 400],
    ['PUT', '/whole', 'x', 'abc', 400],
    ['PUT', '/json', 'bytes 0-2/6', '123', 400],
    ['PUT', '/stream', 'bytes 0-2/6', 'abc', 400],
    ['PUT', '/part', 'bytes 0-2/6', 'abc', 200],
    ['PUT', '/part', 'bytes */6', '', 200],
    ['POST', '/whole', 'bytes 0-2/6', 'abc', 200],
    ['PATCH', '/whole', 'bytes 0-2/6', 'abc', 200],
  ])('%s %s with %s and the body %j: %i', async (...[method, path, range, body, status]) => {
    const { client } = await start(PartController);
    const type = path === '/json' ? 'application/json' : 'application/octet-stream';
    const headers = { 'Content-Range': range, 'Content-Type': type, 'Content-Length': String(body.length) };
    expect((await client.request(path, { method, headers, body })).status).toBe(status);
  });

  test('does not matter to a PUT that a guard refuses', async () => {
    @Refused()
    @Controller()
    class RefusedController {
      @Put('/') put() {
        return 'never';
      }
    }
    const { client } = await start(RefusedController);
    const headers = { 'Content-Range': 'bytes 0-0/1' };
    expect((await client.request('/', { method: 'PUT', headers, body: 'a' })).status).toBe(403);
  });
});

test('query and cookies may be switched off', async () => {
  const ask = async (options: Partial<BootstrapOptions>): Promise<unknown> => {
    const { client } = await start(DataController, options);
    return (await client.get('/?a=1&b=2', { cookies: { c: '3' } })).json();
  };
  expect(await ask({})).toEqual({ args: 2, cookies: 1 });
  expect(await ask({ autoArgs: false })).toEqual({ args: 0, cookies: 1 });
  expect(await ask({ autoCookies: false })).toEqual({ args: 2, cookies: 0 });
});

@Controller()
class EchoController {
  @Post('/form') form(req: Request) {
    return req.form;
  }
  @Get('/args') args(req: Request) {
    return req.args;
  }
  @Get('/cookies') cookies(req: Request) {
    return req.cookies;
  }
  @Get('/headers') headers(req: Request) {
    return reply(req.headers, { headers: { Vary: '*' } });
  }
  @Get('/assigned') assigned(req: Request) {
    req.args = new Args(new Map([['own', ['1']]]));
    return req.args;
  }
}

describe("Obol's own values, returned, are names with values", () => {
  test.each([
    ['/args?a=1&b=2&b=3', { a: '1', b: ['2', '3'] }],
    ['/args', {}],
    ['/cookies', { c: '1' }],
    ['/headers', { 'X-A': '1', Host: 'localhost', Cookie: '[hidden]' }],
    ['/assigned?a=1', { own: '1' }],
  ])('%s', async (target, value) => {
    const { client } = await start(EchoController);
    const response = await client.get(target, { headers: { 'X-A': '1' }, cookies: { c: '1' } });
    expect([response.headers.get('content-type'), await response.json()]).toEqual([
      'application/json',
      value,
    ]);
  });
});

describe('strictParsing and keepBlankValues of the application', () => {
  const URLENCODED = 'application/x-www-form-urlencoded';
  const MULTIPART = 'multipart/form-data; boundary=x';
  const part = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

  test.each<[object, string, string, unknown]>([
    [{ strictParsing: true }, URLENCODED, 'name&&=x', 400],
    [{ strictParsing: true }, URLENCODED, 'a=1&b', 400],
    [{ strictParsing: true }, URLENCODED, 'a=1&', 400],
    [{ strictParsing: true }, URLENCODED, '=x', 400],
    [{ strictParsing: true }, URLENCODED, '', {}],
    [{ strictParsing: true, form: { strictParsing: false } }, URLENCODED, 'a=1&b', { a: '1', b: '' }],
    [{ form: { strictParsing: true } }, URLENCODED, 'b', 400],
    [{}, URLENCODED, 'a=&b', { a: '', b: '' }],
    [{ keepBlankValues: true }, URLENCODED, 'a=&b=1', { a: '', b: '1' }],
    [{ keepBlankValues: false }, URLENCODED, 'a=&b=1', { b: '1' }],
    [{ keepBlankValues: false, form: { keepBlankValues: true } }, URLENCODED, 'a=', { a: '' }],
    [{ keepBlankValues: false }, MULTIPART, `${part('a', '')}${part('b', '1')}--x--`, { b: '1' }],
    [{}, MULTIPART, `${part('a', '')}--x--`, { a: '' }],
  ])('%j are about forms, too', async (options, type, body, expected) => {
    const { client } = await start(EchoController, options);
    const response = await client.post('/form', { body, headers: { 'Content-Type': type } });
    expect(response.status === 200 ? await response.json() : response.status).toEqual(expected);
  });
});

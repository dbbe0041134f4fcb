/** `openapiDocument()`: a written document judges requests and answers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, Put, Response, Route, type Request } from 'obol';
import { openapi, openapiDocument } from 'obol/openapi';
import { TestClient } from 'obol/testing';
import { stringify } from 'yaml';
import { z } from 'zod';
import { WrittenPath } from '../../../src/features/openapi/written/written-path.js';
import { collectingLogger } from '../../support/collecting-logger.js';

const NOTE = { type: 'object', required: ['text'], properties: { text: { type: 'string', nullable: true } } };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Notes', version: '1' },
  paths: {
    '/notes/{id}': {
      parameters: [{ $ref: '#/components/parameters/Id' }],
      get: {
        operationId: 'show',
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 10, exclusiveMaximum: true } },
          { name: 'label', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'X-Flag', in: 'header', required: true, schema: { type: 'boolean' } },
          { name: 'theme', in: 'cookie', schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'ok', ...json({ type: 'object', required: ['api'] }) } },
      },
      put: {
        requestBody: { required: true, ...json({ $ref: '#/components/schemas/Note' }) },
        responses: { '2XX': { description: 'ok', ...json({ $ref: '#/components/schemas/Note' }) } },
      },
    },
    '/notes/new': { get: { responses: { default: { description: 'any' } } } },
    '/raw': { get: { responses: { 200: { description: 'ok', ...json({ type: 'object' }) } } } },
  },
  components: {
    schemas: { Note: NOTE },
    parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'integer' } } },
  },
};

@Controller()
class Notes {
  @Get('/notes/<id>') show(req: Request, id: string) {
    return id === '7' ? { wrong: true } : { api: req.api };
  }
  @Put('/notes/<id>') put(req: Request) {
    return req.json;
  }
  @Post('/notes/<id>') post() {
    return 'posted';
  }
  @Get('/raw') raw() {
    return new Response('{', { contentType: 'application/json' });
  }
}

const logger = collectingLogger();
let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obol-openapi-'));
  await writeFile(join(folder, 'api.yaml'), stringify(DOCUMENT));
  const features = [openapiDocument(join(folder, 'api.yaml'))];
  client = new TestClient(await bootstrap({ controllers: [Notes], features, logger }));
});
afterAll(() => rm(folder, { recursive: true }));

const FLAG = { 'X-Flag': 'true' };

test('gives handlers the request as the document has it, its parameters converted', async () => {
  const headers = { ...FLAG, Cookie: 'theme=dark' };
  const answer = await client.get('/notes/3?limit=9&label=a&label=b', { headers });
  expect(await answer.json()).toEqual({
    api: {
      operationId: 'show',
      path: { id: 3 },
      query: { limit: 9, label: ['a', 'b'] },
      headers: { 'X-Flag': true },
      cookies: { theme: 'dark' },
    },
  });
  expect(await (await client.get('/notes/3?label=a', { headers: FLAG })).json()).toMatchObject({
    api: { query: { label: ['a'] } },
  });
});

test.each([
  ['GET', '/notes/x', undefined, 'The path parameter id: it must be integer.'],
  ['GET', '/notes/1?limit=10', undefined, 'The query parameter limit: it must be < 10.'],
  ['GET', '/notes/1?limit=many', undefined, 'The query parameter limit: it must be integer.'],
  ['HEAD', '/notes/x', undefined, ''],
  ['PUT', '/notes/1', undefined, 'The body is missing.'],
  ['PUT', '/notes/1', { text: 1 }, 'The body: it /text must be string,null.'],
  ['PUT', '/notes/1', {}, "The body: it must have required property 'text'."],
])('refuses %s %s with %j', async (method, path, body, error) => {
  const answer = await client.request(path, {
    method,
    headers: { ...FLAG, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/json']);
  if (error !== '') expect(await answer.json()).toEqual({ error });
});

test('refuses a header that is missing, and a body of another type', async () => {
  expect(await (await client.get('/notes/1')).json()).toEqual({
    error: 'The header parameter X-Flag: it is missing.',
  });
  const sent = { method: 'PUT', headers: { 'Content-Type': 'text/plain' }, body: 'x' };
  expect(await (await client.request('/notes/1', sent)).json()).toEqual({
    error: 'The body is none of application/json.',
  });
});

test('lets pass what it does not know, and null where the document says nullable', async () => {
  expect((await client.get('/elsewhere')).status).toBe(404);
  expect((await client.request('/notes/x', { method: 'POST' })).status).toBe(200);
  expect((await client.request('/notes/x', { method: 'DELETE' })).status).toBe(405);
  expect((await client.get('/notes/new')).status).toBe(200);
  const sent = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"text":null}' };
  expect(await (await client.request('/notes/1', sent)).json()).toEqual({ text: null });
});

test.each([
  ['/notes/7', 'The answer 200: it must have required property'],
  ['/raw', 'The answer 200: it must be object'],
])('sends %s, which the document refuses, and logs it', async (path, line) => {
  expect((await client.get(path, { headers: FLAG })).status).toBe(200);
  expect(JSON.stringify(logger)).toContain(line);
});

test.each<[string, string, object | undefined]>([
  ['/a%20b/{id}', '/a b/1', { id: '1' }],
  ['/%C3%A4/{id}', '/ä/1', { id: '1' }],
  ['/ä/{id}', '/ä/1', { id: '1' }],
  ['/a%25b%2fc/{id}', '/a%25b%2Fc/1%2F', { id: '1/' }],
  ['/%zz/%FF', '/%zz/%FF', {}],
  ['/{a}-{b}', '/1-2-3', { a: '1-2', b: '3' }],
  ['/{a}{b}', '/123', { a: '12', b: '3' }],
  ['/{a}{b}', '/1', undefined],
  ['/{a}.{b}/{c}', '/x.y/z', { a: 'x', b: 'y', c: 'z' }],
  ['/{a}.{b}/{c}', '/x/y.z', undefined],
  ['/{a}/{b}', '/1/2/3', undefined],
  ['/x{a}x', '/xx', undefined],
  ['/x{a}x', '/xax', { a: 'a' }],
  ['/{__proto__}', '/1', Object.fromEntries([['__proto__', '1']])],
  ['/(a+)+$/{id}', '/(a+)+$/1', { id: '1' }],
  ['/{id', '/{id', {}],
  ['notes', '/notes', undefined],
])('the path %s finds in %s %j', (path, asked, values) => {
  expect(new WrittenPath(path, new Map()).match(asked)).toEqual(values);
});

describe('a document', () => {
  const OK = { responses: { 200: { description: 'ok' } } };
  const text = { type: 'string', maxLength: 3 };

  /** What requests are answered by a document of these paths. */
  async function answers(paths: object, targets: readonly string[], rest: object = {}): Promise<unknown[]> {
    const file = join(folder, 'made.json');
    await writeFile(file, JSON.stringify({ openapi: '3.1.0', info: {}, paths, ...rest }));
    const app = await bootstrap({ controllers: [Any], features: [openapiDocument(file)], logger });
    const asked = new TestClient(app);
    return Promise.all(
      targets.map(async (line) => {
        const [method = '', target = '', body] = line.split(' ');
        const json = { headers: { 'Content-Type': 'application/json' }, body };
        const answer = await asked.request(target, { method, ...(body !== undefined && json) });
        const { path, query, body: sent, error } = await answer.json<Record<string, unknown>>();
        return answer.status === 200 ? (sent ?? { ...(path as object), ...(query as object) }) : error;
      }),
    );
  }

  @Controller()
  class Any {
    @Route('/<rest:path>', ['GET', 'PUT']) any(req: Request) {
      return req.api ?? {};
    }
  }

  test('has names that every object has, and none of them where they are not given', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const parameters = names.map((name) => ({ name, in: 'query', schema: text }));
    const [all, none, wrong] = await answers({ '/x': { get: { ...OK, parameters } } }, [
      'GET /x?__proto__=1&constructor=2&toString=3',
      'GET /x',
      'GET /x?__proto__=long',
    ]);
    expect(Object.entries(all as object)).toEqual(names.map((name, index) => [name, String(index + 1)]));
    expect([none, wrong]).toEqual([
      {},
      'The query parameter __proto__: it must NOT have more than 3 characters.',
    ]);
  });

  test('leaves alone what documents say elsewhere, or in ways that are not read', async () => {
    const parameters = [
      { name: 'Accept', in: 'header', required: true, schema: text },
      { name: 'filter', in: 'query', required: true, style: 'deepObject', schema: { type: 'object' } },
      { name: 'other', in: 'query', required: true, content: { 'application/json': {} } },
    ];
    expect(await answers({ '/x': { get: { ...OK, parameters } } }, ['GET /x'])).toEqual([{}]);
  });

  const query = (schema: unknown, rest: object = {}) => ({ name: 'a', in: 'query', schema, ...rest });

  test.each<[schema: unknown, text: string, found: unknown]>([
    [{ type: 'integer' }, '5', { a: 5 }],
    [{ type: 'number' }, '-1.5e2', { a: -150 }],
    [{ type: 'integer' }, 'Infinity', expect.stringContaining('decimal digits')],
    [{ type: 'number' }, '1e999', expect.stringContaining('decimal digits')],
    [{ type: 'integer' }, '0x10', expect.stringContaining('decimal digits')],
    [{ type: 'array', items: { type: 'number' } }, '1&a=0b1', expect.stringContaining('decimal digits')],
    [{ type: 'array', items: { type: 'number' } }, '1&a=2', { a: [1, 2] }],
    [false, '1', expect.stringContaining('false')],
    [true, '1', { a: '1' }],
  ])('whose parameter is %j has of a=%s what is written there', async (schema, value, found) => {
    const paths = { '/x': { get: { ...OK, parameters: [query(schema)] } } };
    expect(await answers(paths, [`GET /x?a=${value}`])).toEqual([found]);
  });

  test('has parameters of an operation in place of those of its path', async () => {
    const parameters = [query({ type: 'integer' }, { required: true })];
    const paths = { '/x': { parameters, get: { ...OK, parameters: [query(text)] } } };
    expect(await answers(paths, ['GET /x?a=b', 'GET /x'])).toEqual([{ a: 'b' }, {}]);
  });

  test.each([
    [{ url: 'https://notes.example/v1/' }],
    [{ url: '/v1' }],
    [{ url: '//{host}/{version}?x', variables: { version: { default: 'v1' } } }],
  ])('knows its paths below its server %j, and by themselves', async (server) => {
    const paths = { '/x': { get: { ...OK, parameters: [query({ type: 'integer' })] } } };
    const [below, itself, elsewhere] = await answers(
      paths,
      ['GET /v1/x?a=b', 'GET /x?a=b', 'GET /v2/x?a=b'],
      { servers: [server] },
    );
    expect([below, itself, elsewhere]).toEqual([
      'The query parameter a: it must be integer.',
      'The query parameter a: it must be integer.',
      {},
    ]);
  });

  test('judges JSON and what is written as JSON, no lines of JSON', async () => {
    const types = ['application/x-ndjson', 'application/json-seq', 'application/vnd.x+json'];
    const content = Object.fromEntries(types.map((type) => [type, { schema: { type: 'array' } }]));
    const file = join(folder, 'types.json');
    const paths = { '/x': { put: { ...OK, requestBody: { content } } } };
    await writeFile(file, JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
    const app = await bootstrap({ controllers: [Any], features: [openapiDocument(file)], logger });
    const statuses = types.map(async (type) => {
      const headers = { 'Content-Type': type };
      return (await new TestClient(app).put('/x', { headers, body: '{}\n{}' })).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 400]);
  });

  test('misses a body that is empty, though it comes in chunks', async () => {
    const file = join(folder, 'empty.json');
    const requestBody = { required: true, ...json({ type: 'object' }) };
    const paths = { '/x': { put: { ...OK, requestBody } }, '/y': { put: { ...OK, ...body({}).put } } };
    await writeFile(file, JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
    const app = await bootstrap({ controllers: [Any], features: [openapiDocument(file)], logger });
    const sent = ['/x', '/y'].map(async (path) => {
      const headers = { 'Content-Type': 'application/json' };
      return (await new TestClient(app).put(path, { headers, body: Readable.from([]) })).status;
    });
    expect(await Promise.all(sent)).toEqual([400, 200]);
  });

  test('shows no more than a hundred characters of names that a client made up', async () => {
    const schema = { additionalProperties: { type: 'string' } };
    const [refusal] = await answers({ '/x': body(schema) }, [`PUT /x {"${'k'.repeat(1000)}":1}`]);
    expect(refusal).toBe(`The body: it /${'k'.repeat(99)} must be string.`);
  });

  test('is judged by itself beside another', async () => {
    const made = ['/x', '/y'].map(async (path, at) => {
      const file = join(folder, `of-two-${String(at)}.json`);
      const responses = { 200: { description: 'ok', ...json({ type: 'string' }) } };
      await writeFile(
        file,
        JSON.stringify({ openapi: '3.1.0', info: {}, paths: { [path]: { get: { responses } } } }),
      );
      return openapiDocument(file);
    });
    const own = collectingLogger();
    const app = await bootstrap({ controllers: [Any], features: await Promise.all(made), logger: own });
    await new TestClient(app).get('/x');
    expect(own.errors).toEqual([expect.stringContaining('it must be string')]);
  });

  const body = (schema: object) => ({ put: { ...OK, requestBody: json(schema) } });

  test('knows properties called nullable, and items that are the same in another order', async () => {
    const schema = {
      properties: {
        nullable: { type: 'boolean' },
        list: { uniqueItems: true },
      },
    };
    expect(
      await answers({ '/x': body(schema) }, [
        'PUT /x {"nullable":1}',
        'PUT /x {"list":[{"a":1,"b":2},{"b":2,"a":1}]}',
        'PUT /x {"list":[1,"1",[1],{"a":1},{"a":2}]}',
        'PUT /x {',
      ]),
    ).toEqual([
      'The body: it /nullable must be boolean.',
      'The body: it /list must NOT have duplicate items.',
      { list: [1, '1', [1], { a: 1 }, { a: 2 }] },
      'The body is not valid JSON.',
    ]);
  });

  test.each<[object, string]>([
    [
      { A: { $ref: '#/components/schemas/A' } },
      'a schema consists of itself: {"$ref":"#/components/schemas/A"}',
    ],
    [{ A: { anyOf: [text, { not: { $ref: '#/components/schemas/A' } }] } }, 'a schema consists of itself'],
    [{ A: { $ref: '#/components/schemas/none' } }, "can't resolve reference"],
    [{ A: { pattern: '(' } }, 'Invalid regular expression'],
  ])('whose schemas are %j is a mistake', async (schemas, message) => {
    const paths = { '/x': body({ $ref: '#/components/schemas/A' }) };
    await expect(answers(paths, [], { components: { schemas } })).rejects.toThrow(message);
  });

  test.each<[object, string]>([
    [{ name: 'a' }, 'the parameter a of GET /x is in none of path, query, header, cookie.'],
    [{ in: 'query' }, 'a parameter of GET /x has no name.'],
    [{ name: 'id', in: 'path' }, 'the parameter id of GET /x is not in its path.'],
    [{ $ref: '#/components/parameters/a' }, 'the reference #/components/parameters/a leads nowhere.'],
    [{ $ref: 'other.yaml#/a' }, 'the reference other.yaml#/a leads out of it.'],
    [{ $ref: '#/components/%zz' }, 'the reference #/components/%zz leads nowhere.'],
  ])('whose parameter is %j is a mistake', async (parameter, message) => {
    await expect(answers({ '/x': { get: { ...OK, parameters: [parameter] } } }, [])).rejects.toThrow(message);
  });

  test('refuses all that it has no end of judging, which no reference shows', async () => {
    const endless = { $dynamicAnchor: 'node', anyOf: [{ type: 'string' }, { $dynamicRef: '#node' }] };
    expect(await answers({ '/x': body(endless) }, ['PUT /x 1'])).toEqual(['The body: it does not fit.']);
  });

  test('in YAML whose maps contain themselves, or have too many aliases, is a mistake', async () => {
    const file = join(folder, 'circle.yaml');
    await writeFile(file, 'openapi: 3.1.0\npaths: &a\n  /x: *a\n');
    expect(() => openapiDocument(file)).toThrow(/cannot be parsed: .*circular/s);
  });
});

test('a document that openapi() has written judges its own application', async () => {
  const api = openapi({ info: { title: 'x', version: '1' }, docs: false });
  @Controller('/ä b')
  class Own {
    @Put('/<id:int>', { body: z.object({ text: z.string() }), returns: z.object({ text: z.string() }) })
    put(_req: Request, _id: number, { body }: { body: { text: string } }) {
      return body;
    }
  }
  await bootstrap({ controllers: [Own], features: [api] });
  const file = join(folder, 'own.yaml');
  await writeFile(file, api.document.toYaml());
  const own = new TestClient(await bootstrap({ controllers: [Own], features: [openapiDocument(file)] }));
  expect((await own.put('/%C3%A4%20b/1', { json: { text: 'x' } })).status).toBe(200);
  expect((await own.put('/%C3%A4%20b/x', { json: { text: 'x' } })).status).toBe(400);
  expect((await own.put('/%C3%A4%20b/1', { json: { text: 1 } })).status).toBe(400);
});

test.each([
  ['none.json', undefined, /cannot be read/],
  ['bad.json', '{', /cannot be parsed/],
  ['other.json', '{"swagger":"2.0"}', /no document of OpenAPI 3/],
  [
    'ref.json',
    '{"openapi":"3.1.0","paths":{"/":{"get":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/no"}}}}}}}}',
    /cannot be used/,
  ],
])('says what is wrong with %s', async (name, text, message) => {
  const file = join(folder, name);
  if (text !== undefined) await writeFile(file, text);
  expect(() => openapiDocument(file)).toThrow(message);
});

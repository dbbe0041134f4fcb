/** `openapiDocument()`: a written document judges requests and answers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, Put, Response, type Request } from 'obol';
import { openapiDocument } from 'obol/openapi';
import { TestClient } from 'obol/testing';
import { stringify } from 'yaml';
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

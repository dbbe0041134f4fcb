/** samples/openapi3 as its readers start it: a document that was written by hand judges it. */
import { expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const site = sample('openapi3');
const UUID = '123e4567-e89b-12d3-a456-426614174000';
const WHY = { error: expect.any(String) };

test.each<[string, number, unknown]>([
  ['GET /response', 200, {}],
  ['GET /json/42', 200, { arg: '42' }],
  ['GET /json/3.14', 200, { arg: '3.14' }],
  ['GET /json/ok', 400, WHY],
  ['GET /arg/42', 200, { arg: 42 }],
  ['GET /arg/3.14', 200, { arg: 3.14 }],
  [`GET /arg/${UUID}`, 200, { arg: UUID }],
  ['GET /arg/ok', 400, WHY],
  ['GET /check/login', 401, WHY],
  ['GET /check/api-key', 401, WHY],
  ['GET /internal-server-error', 500, WHY],
  ['GET /nowhere', 404, WHY],
  ['DELETE /plain_text', 405, WHY],
])('%s is %i with JSON', async (line, status, json) => {
  const [method = '', path = ''] = line.split(' ');
  const answer = await fetch(site.url + path, { method });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json']);
  expect(await answer.json()).toEqual(json);
});

test.each<[string, string, number, unknown]>([
  ['POST', '{"a":[1]}', 418, { message: expect.any(String), request: { a: [1] } }],
  ['PUT', '{}', 418, { message: expect.any(String), request: {} }],
  ['POST', '{', 400, WHY],
  ['PUT', 'no JSON', 400, WHY],
])('%s /json with %s is %i', async (method, body, status, json) => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${site.url}/json`, { method, body, headers });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json']);
  expect(await answer.json()).toEqual(json);
});

test('text is text', async () => {
  const answer = await fetch(`${site.url}/plain_text`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
});

test('who logs in has a cookie by which the next request is known', async () => {
  const login = await fetch(`${site.url}/login`);
  expect(login.status).toBe(204);
  const [cookie = ''] = login.headers.getSetCookie().map((each) => each.split(';')[0]);
  expect((await fetch(`${site.url}/check/login`, { headers: { Cookie: cookie } })).status).toBe(200);
});

test('a key is known', async () => {
  expect((await fetch(`${site.url}/check/api-key`, { headers: { 'API-Key': 'xxx' } })).status).toBe(200);
  expect((await fetch(`${site.url}/check/api-key`, { headers: { 'API-Key': 'yyy' } })).status).toBe(401);
});

test('OPTIONS lets pages of other origins ask', async () => {
  const answer = await fetch(`${site.url}/json`, { method: 'OPTIONS' });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
});

test('the document is there, and names its server', async () => {
  const document = (await (await fetch(`${site.url}/openapi.json`)).json()) as { servers: object[] };
  expect(document.servers).toEqual([{ url: 'http://localhost:8080' }]);
});

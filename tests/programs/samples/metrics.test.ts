/** samples/metrics as its readers start it. */
import { expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const server = sample('metrics');
const JSON_TYPE = 'Content-Type: application/json';

interface Figures {
  readonly requests: number;
  readonly avg_time: number;
  readonly best_time: number;
  readonly worst_time: number;
}

async function figures(): Promise<Figures> {
  const response = await server.ask('GET /metrics');
  expect([response.status, response.header('content-type')]).toEqual([200, 'application/json']);
  return JSON.parse(response.text) as Figures;
}

test('begins with nothing measured, then measures every answer, errors too', async () => {
  expect(await figures()).toEqual({ requests: 0, avg_time: 0, best_time: 0, worst_time: 0 });
  for (const path of ['/', '/nothing']) await server.ask(`GET ${path}`);
  const { requests, best_time, avg_time, worst_time } = await figures();
  expect(requests).toBe(3);
  expect(best_time).toBeGreaterThan(0);
  expect(avg_time).toBeGreaterThan(best_time);
  expect(worst_time).toBeGreaterThan(avg_time);
  expect(worst_time).toBeLessThan(10);
});

test('/ answers text/plain in UTF-8', async () => {
  const response = await server.ask('GET /', ['Accept: text/plain']);
  expect([response.status, response.header('content-type'), response.text]).toEqual([
    200,
    'text/plain; charset=utf-8',
    'Hello World',
  ]);
});

test.each([
  ['the JSON it got', '{"a":[1]}', { a: [1] }],
  ['null for null', 'null', null],
])('POST /json answers 418 with %s', async (_, body, request) => {
  const response = await server.ask('POST /json', [JSON_TYPE, `Content-Length: ${body.length}`], body);
  expect(response.status).toBe(418);
  expect(JSON.parse(response.text)).toEqual({ message: "I'm teapot :-)", request });
});

test('POST /json answers an empty object without a body', async () => {
  const response = await server.ask('POST /json');
  expect([response.status, JSON.parse(response.text)]).toEqual([
    418,
    { message: "I'm teapot :-)", request: {} },
  ]);
});

test('POST /json answers 400 to what is no JSON', async () => {
  const body = 'message=invalid';
  const response = await server.ask('POST /json', [JSON_TYPE, `Content-Length: ${body.length}`], body);
  expect(response.status).toBe(400);
});

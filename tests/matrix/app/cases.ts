/** What the application must answer, whatever compiled it. */
import assert from 'node:assert/strict';
import { TestClient, type TestRequestInit, type TestResponse } from 'obol/testing';
import { makeApplication } from './app.ts';
import { SUMMARY } from './decorators.ts';

/** Made by the first case: CommonJS has no `await` outside of functions. */
let made: ReturnType<typeof make> | undefined;

async function make() {
  const app = await makeApplication();
  return { app, client: new TestClient(app) };
}

async function ask(target: string, init?: TestRequestInit): Promise<TestResponse> {
  const { client } = await (made ??= make());
  return client.request(target, init);
}

type Case = readonly [name: string, run: () => Promise<void>];

async function answers(target: string, wanted: unknown, init: TestRequestInit = {}): Promise<TestResponse> {
  const response = await ask(target, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  assert.deepEqual([response.status, isJson ? JSON.parse(text) : text], wanted);
  return response;
}

/** A target, what is answered, and how it is asked. */
const ANSWERS: readonly [string, unknown, TestRequestInit?][] = [
  ['/people/smith/42', [200, { surname: 'smith', age: 42, next: '/people/smith/43' }]],
  ['/people/smith/x', [404, { missing: '/people/smith/x' }]],
  ['/people/kind', [200, { kind: 'person' }]],
  ['/people/both', [200, 'part']],
  ['/people/overridden', [200, 'subclass']],
  ['/people/visits', [200, { visits: 1, at: 1000, now: 1000 }]],
  ['/people/greet/ann', [200, 'Good day, ann'], { headers: { 'X-Key': 'open' } }],
  ['/heirs/bob', [200, 'Good day, bob']],
  ['/mixed/count', [200, { count: 1 }]],
  ['/mixed/count', [200, { count: 2 }]],
  ['/mixed/own', [200, 'ab']],
  ['/range', [400, 'too far']],
  ['/file-17', [200, { number: '17' }], { method: 'PUT' }],
  ['/anything', [200, 'deleted'], { method: 'DELETE' }],
  ['/nothing', [404, { missing: '/nothing' }]],
  ['/json', [200, { a: 1 }], { method: 'POST', json: { a: 1 } }],
];

/** A target, the status alone, and how it is asked. */
const STATUSES: readonly [string, number, TestRequestInit?][] = [
  ['/people/greet/ann', 403],
  ['/people/kind', 405, { method: 'POST' }],
  ['/json', 413, { method: 'POST', json: { a: 'more than twenty bytes' } }],
  ['/digest', 401],
  ['/basic', 401],
];

export const cases: readonly Case[] = [
  ...ANSWERS.map(([target, wanted, init]): Case => [
    `${init?.method ?? 'GET'} ${target} answers ${JSON.stringify(wanted)}`,
    async () => {
      await answers(target, wanted, init);
    },
  ]),
  ...STATUSES.map(([target, status, init]): Case => [
    `${init?.method ?? 'GET'} ${target} is ${String(status)}`,
    async () => {
      assert.equal((await ask(target, init)).status, status);
    },
  ]),
  [
    'middleware and after hooks mark answers',
    async () => {
      const response = await answers('/titles', [
        200,
        ['members of the registry', 'members of the registry'],
      ]);
      assert.equal(response.headers.get('x-marked'), 'yes');
      assert.ok(Number(response.headers.get('x-before')) > 0);
    },
  ],
  [
    'a session is kept',
    async () => {
      const body = 'name=ann';
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      assert.equal((await ask('/session', { method: 'POST', headers, body })).status, 204);
      await answers('/session', [200, { name: 'ann', path: '/session' }]);
    },
  ],
  [
    'basic credentials and groups let in',
    async () => {
      const headers = { Authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` };
      await answers('/basic', [200, 'ann'], { headers });
    },
  ],
  [
    'metadata of an application stands on its routes',
    async () => {
      const { app } = await (made ??= make());
      const kind = app.routes.toJSON().find(({ path }) => path === '/people/kind');
      assert.ok(kind);
      assert.deepEqual(SUMMARY.of(kind), ['people', 'what it is']);
    },
  ],
];

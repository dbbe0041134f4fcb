/** The test of a new project, as each runner takes it. */
import type { Choices, Runner } from './choices.js';

interface Dialect {
  readonly imports: string;
  /** A line that compares, as code. */
  readonly equal: (actual: string, expected: string) => string;
}

const expecting = (source: string): Dialect => ({
  imports: `import { expect, test } from '${source}';\n`,
  equal: (actual, expected) => `expect(${actual}).toEqual(${expected});`,
});

const DIALECTS: Readonly<Record<Runner, Dialect>> = {
  node: {
    imports: `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n`,
    equal: (actual, expected) => `assert.deepEqual(${actual}, ${expected});`,
  },
  vitest: expecting('vitest'),
  jest: expecting('@jest/globals'),
};

export function testSource({ test, pages }: Choices): string {
  return (pages ? ofPages : ofJson)(DIALECTS[test]);
}

function ofJson({ imports, equal }: Dialect): string {
  return `/** The controller by itself, and the application, both without a socket. */
${imports}import { request, TestClient } from 'obol/testing';
import { createApp } from './app.js';
import { Greetings } from './greetings.js';
import { HomeController } from './home-controller.js';

test('greets by name', () => {
  const controller = new HomeController(new Greetings());
  ${equal(`controller.hello(request('/hello/anna'), 'anna')`, `{ message: 'Hello, anna!' }`)}
});

test('answers at /', async () => {
  const client = new TestClient(await createApp());
  const response = await client.get('/');
  ${equal('response.status', '200')}
  ${equal('await response.json()', `{ message: 'Hello, world!', next: '/hello/anna' }`)}
});
`;
}

function ofPages({ imports, equal }: Dialect): string {
  return `/** The controller by itself, and the application, both without a socket. */
${imports}import { TestClient } from 'obol/testing';
import { createApp } from './app.js';
import { Guests } from './guests.js';
import { HomeController } from './home-controller.js';

test('shows names as text, whatever is in them', () => {
  const guests = new Guests();
  guests.add('<b>anna</b>');
  ${equal(`new HomeController(guests).home().includes('<li>&lt;b&gt;anna&lt;/b&gt;</li>')`, 'true')}
});

test('signs and shows the page again', async () => {
  const client = new TestClient(await createApp());
  const response = await client.post('/', { form: { name: 'bert' } });
  ${equal('response.status', '303')}
  const page = await client.get('/');
  ${equal(`(await page.text()).includes('<li>bert</li>')`, 'true')}
});

test('has a style sheet', async () => {
  const client = new TestClient(await createApp());
  const { status } = await client.get('/style.css');
  ${equal('status', '200')}
});
`;
}

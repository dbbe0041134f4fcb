/** One look for all errors: what features refuse is answered by the state handlers of the application. */
import { expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, HttpState, Post, reply, type HttpError } from 'obol';
import { csrf } from 'obol/csrf';
import { memorySessionStore, Session, sessions, type SessionStore } from 'obol/session';
import { TestClient } from 'obol/testing';
import { collectingLogger } from '../support/collecting-logger.js';

@Controller()
class PagesController {
  constructor(private readonly session: Session<{ refusals: number }>) {}

  @Get('/') index() {
    this.session.set('refusals', 0);
    return 'index';
  }
  @Post('/') pay() {
    return 'paid';
  }
  @HttpState(403) forbidden() {
    const refusals = (this.session.get('refusals') ?? 0) + 1;
    this.session.set('refusals', refusals);
    return { refusals };
  }
}

@Controller()
class UnavailableController {
  @HttpState(503) unavailable(_req: unknown, error: HttpError) {
    return reply(`Sorry: ${error.message}`, 'text/plain');
  }
}

async function clientOf(store: SessionStore): Promise<TestClient> {
  const features = [sessions({ store }), { middleware: [csrf()] }];
  const controllers = [PagesController, UnavailableController];
  return new TestClient(await bootstrap({ controllers, features, logger: collectingLogger() }));
}

test('a state handler answers what csrf() refuses, and its session is kept', async () => {
  const client = await clientOf(memorySessionStore());
  await client.get('/');
  const forged = { headers: { 'Sec-Fetch-Site': 'cross-site' } };
  const answers = [await client.post('/', forged), await client.post('/', forged)];
  expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
    { refusals: 1 },
    { refusals: 2 },
  ]);
});

test('a state handler answers a session that cannot be kept', async () => {
  const store = memorySessionStore();
  const create = (): never => {
    throw new Error('no store');
  };
  const client = await clientOf(Object.assign(Object.create(store) as SessionStore, { create }));
  const response = await client.get('/');
  expect([response.status, await response.text()]).toEqual([503, 'Sorry: The session store does not answer']);
  expect(response.headers.has('retry-after')).toBe(true);
});

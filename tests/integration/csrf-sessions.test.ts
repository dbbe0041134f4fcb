/** CSRF protection and sessions in one application: tokens end with the session they were made for. */
import { expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, Post, reply, type Request } from 'obol';
import { csrf, csrfToken } from 'obol/csrf';
import { Session, sessions } from 'obol/session';
import { TestClient } from 'obol/testing';
import { collectingLogger } from '../support/collecting-logger.js';

@Controller()
class Shop {
  constructor(private readonly session: Session<{ user: string }>) {}

  @Get('/token') token(req: Request) {
    return reply(csrfToken(req), 'text/plain');
  }

  @Post('/login') login() {
    this.session.regenerate().set('user', 'smith');
  }

  @Post('/pay') pay() {
    return this.session.get('user');
  }
}

test('a token is good for the session of its page, from login to the next login', async () => {
  const session = sessions({ keys: ['0123456789abcdef'.repeat(4)] });
  const secretOf = (request: Request): string | undefined =>
    session.of(request).isNew ? undefined : session.of(request).id;
  const app = await bootstrap({
    controllers: [Shop],
    logger: collectingLogger(),
    features: [session, { middleware: [csrf({ secretOf })] }],
  });
  const client = new TestClient(app);
  const post = async (path: string, token: string): Promise<number> =>
    (await client.post(path, { headers: { 'X-CSRF-Token': token } })).status;
  const token = async (): Promise<string> => (await client.get('/token')).text();

  const before = await token();
  expect(await post('/login', before)).toBe(204);
  expect(await post('/pay', before)).toBe(403);
  const within = await token();
  expect([await post('/pay', within), await post('/pay', within)]).toEqual([200, 200]);
  expect(await post('/login', within)).toBe(204);
  expect(await post('/pay', within)).toBe(403);
  expect(await post('/pay', await token())).toBe(200);
});

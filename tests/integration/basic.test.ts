/** Basic authentication over a real socket, with real hashes: what a browser and what a thief would send. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Request } from 'obol';
import { CheckBasic, PasswordHashMap } from 'obol/auth';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';

const users = new PasswordHashMap();
const verify = jest.spyOn(users, 'verify');
const header = (credentials: string): string =>
  `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`;

@Controller()
class Pages {
  @Get('/')
  @CheckBasic('Zone', users)
  index(req: Request) {
    return `Hello, ${String(req.user)}`;
  }
}

describe('behind @CheckBasic', () => {
  let app: Awaited<ReturnType<typeof bootstrap>>;
  let port = 0;

  beforeAll(async () => {
    await users.set('smith', 'pass:word');
    app = await bootstrap({ controllers: [Pages], logger: collectingLogger() });
    ({ port } = await app.listen({ port: 0, host: '127.0.0.1', signals: false, drainLinger: 20 }));
  });

  afterAll(() => app.close());

  async function ask(...fields: string[]): Promise<RawResponse> {
    const client = await RawClient.connect(port);
    try {
      return await client.request('GET /', fields).response();
    } finally {
      client.destroy();
    }
  }

  test('six connections with the same password cost one hash', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(header('smith:pass:word'))));
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => 'Hello, smith'));
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test('a wrong password, an unknown user and a broken header get the very same answer', async () => {
    const answers = [
      await ask(header('smith:wrong')),
      await ask(header('nobody:wrong')),
      await ask('Authorization: Basic ****'),
      await ask(),
    ].map((each) => [each.status, each.text, each.header('www-authenticate')]);
    expect(answers[0]?.[0]).toBe(401);
    expect(answers[0]?.[2]).toBe('Basic realm="Zone", charset="UTF-8"');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('two headers are no credentials', async () => {
    expect((await ask(header('smith:pass:word'), header('smith:pass:word'))).status).not.toBe(200);
  });
});

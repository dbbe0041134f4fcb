/** A controller that shows and changes its session, and an application of it: for the tests of sessions. */
import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { Controller, Get, Post, reply, Response, type BootstrapOptions, type Request } from 'obol';
import { Session, sessions, type SessionOptions, type Sessions } from 'obol/session';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { start } from '../../support/client.js';

export const KEY = Buffer.from('8c0f4a5be7d2916334a1cc97f0e85b2d7609be1142f3d8a85c6710e9ab34fd02', 'hex');
export const OTHER_KEY = Buffer.from(
  'f31b7c0d92a84e56b7e0013fd5c8296a4417de8b0c95f2a36e8b50d174c93f2e',
  'hex',
);

const SHARED = new Response('the same for everybody', { contentType: 'text/plain' });

/** What the tests keep in it. */
export interface Kept {
  user: string;
  list: number[];
  large: string;
}

@Controller()
export class SessionController {
  constructor(private readonly session: Session<Kept>) {}

  @Get('/data')
  data() {
    return { ...this.session.data };
  }

  @Get('/about')
  about() {
    const { id, isNew, expiresAt } = this.session;
    return { id, isNew, expiresAt: expiresAt.getTime() };
  }

  @Get('/untouched')
  untouched() {
    return 'nothing';
  }

  @Get('/shared')
  shared() {
    this.session.has('user');
    return SHARED;
  }

  @Get('/shared-and-set')
  sharedAndSet() {
    this.session.set('user', 'smith');
    return SHARED;
  }

  @Get('/own-headers')
  ownHeaders() {
    this.session.has('user');
    return reply('', { headers: { Vary: 'Accept', 'Cache-Control': 'no-store' } });
  }

  @Get('/vary-all')
  varyAll() {
    this.session.has('user');
    return reply('', { headers: { Vary: '*' } });
  }

  @Post('/set')
  set(req: Request) {
    for (const [key, value] of Object.entries(req.json as Partial<Kept>))
      this.session.set(key as 'user', value as string);
    return this.session.data;
  }

  @Post('/push')
  push() {
    this.session.get('list')?.push(1);
    return null;
  }

  @Post('/clear')
  clear() {
    this.session.clear();
  }

  @Post('/login')
  login() {
    this.session.regenerate().set('user', 'smith');
    return { id: this.session.id };
  }

  @Post('/logout')
  logout() {
    this.session.destroy();
  }

  @Post('/farewell')
  farewell() {
    this.session.destroy();
    this.session.flash('notice', 'See you');
  }

  @Get('/flash')
  flash() {
    return { notice: this.session.flash('notice') ?? null };
  }

  @Post('/flash')
  leave() {
    this.session.flash('notice', 'Saved');
  }

  @Post('/touch')
  touch() {
    this.session.touch();
  }

  @Post('/short')
  short() {
    this.session.set('user', 'smith').expiresAt = Date.now() + 10_000;
  }

  @Post('/date')
  date() {
    this.session.data.user = new Date(0) as unknown as string;
  }

  @Get('/stream')
  *stream() {
    yield this.session.get('user') ?? 'nobody';
  }

  @Get('/late')
  *late() {
    yield 'too ';
    try {
      this.session.set('user', 'late');
    } catch (error) {
      yield (error as { code: string }).code;
    }
  }

  @Get('/fails')
  fails() {
    this.session.set('user', 'smith');
    throw new RangeError('on purpose');
  }
}

/** Requests to the application, one client after another. */
export async function site(
  options: Partial<SessionOptions<Kept>> = {},
  application: Partial<BootstrapOptions> = {},
) {
  const whole = { ...('store' in options ? {} : { keys: [KEY] }), ...options } as SessionOptions<Kept>;
  const feature: Sessions<Kept> = sessions<Kept>(whole);
  const features = [...(application.features ?? []), feature];
  const { app, client, logger } = await start(SessionController, { ...application, features });
  const newClient = (): TestClient => new TestClient(app);
  const log = { lines: logger.details, warnings: logger.warnings };
  return { app, client, newClient, feature, log, logger };
}

/** The value of the session's cookie. */
export function cookieOf(client: TestClient, name = 'SESSID'): string {
  const value = client.cookies.get(name);
  if (value === undefined) throw new Error('There is no cookie');
  return value;
}

/** What a client with just this cookie sees. */
export async function dataFor(client: TestClient, value: string, name = 'SESSID'): Promise<unknown> {
  client.cookies.clear();
  return (await client.get('/data', { headers: { Cookie: `${name}=${value}` } })).json();
}

/** Lets the clock stand still, and moves it. */
export function clock(): { forward(seconds: number): void; restore(): void } {
  let now = Math.floor(Date.now() / 1000) * 1000;
  const spy = jest.spyOn(Date, 'now').mockImplementation(() => now);
  return {
    forward: (seconds) => {
      now += seconds * 1000;
    },
    restore: () => {
      spy.mockRestore();
    },
  };
}

export function randomKey(): Buffer {
  return randomBytes(32);
}

/** Two applications with sessions, logins and protected forms, one mounted in the other: each keeps its own. */
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  DECLINED,
  Get,
  Post,
  Response,
  type Handler,
  type Middleware,
  type Request,
} from 'obol';
import { CheckFormLogin, cookieLogin, FormLogin, formLogin } from 'obol/auth';
import { mount } from 'obol/composition';
import { csrf, csrfField } from 'obol/csrf';
import { Session, sessions } from 'obol/session';
import { TestClient, type TestResponse } from 'obol/testing';
import { collectingLogger } from '../../support/collecting-logger.js';

const users = {
  verify: (user: string, password: string) => password === `password of ${user}`,
};

function count(session: Session<{ visits: number }>): number {
  const visits = (session.get('visits') ?? 0) + 1;
  session.set('visits', visits);
  return visits;
}

const newKey = (): string => randomBytes(32).toString('hex');

@Controller()
class SiteController {
  constructor(
    private readonly login: FormLogin,
    private readonly session: Session<{ visits: number }>,
  ) {}

  @Get('/visits') visits() {
    return String(count(this.session));
  }
  @Get('/login') form(req: Request) {
    return this.login.page(req);
  }
  @Post('/login') submit(req: Request) {
    return this.login.submit(req);
  }
  @Get('/private') @CheckFormLogin() private(req: Request) {
    return String(req.user);
  }
  @Get('/user') user(req: Request) {
    return String(req.user);
  }
  @Get('/page') page(req: Request) {
    return csrfField(req);
  }
  @Post('/save') save() {
    return 'saved';
  }
}

/** A site with keys of its own, and maybe another mounted in it. */
function site(inner?: Handler) {
  return bootstrap({
    controllers: [SiteController],
    logger: collectingLogger(),
    features: [
      sessions({ keys: [newKey()] }),
      formLogin({ users, keeper: cookieLogin({ keys: [newKey()] }) }),
    ],
    // What lies below the mount is for the tokens of the inner site alone.
    middleware: [...(inner ? [mount('/my shop', inner)] : []), csrf({ key: newKey() })],
  });
}

let client: TestClient;

beforeEach(async () => {
  const inner = await site();
  client = new TestClient(await site(inner.handle));
});

const INNER = '/my%20shop';

async function logIn(base: string, user: string): Promise<TestResponse> {
  const page = await (await client.get(`${base}/login`)).text();
  const hidden = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value],
  );
  const body = new URLSearchParams([...hidden, ['user', user], ['password', `password of ${user}`]] as [
    string,
    string,
  ][]);
  return client.post(`${base}/login`, {
    body: body.toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
}

const textOf = async (target: string): Promise<string> => (await client.get(target)).text();

test('sessions are counted apart', async () => {
  expect([await textOf('/visits'), await textOf('/visits'), await textOf(`${INNER}/visits`)]).toEqual([
    '1',
    '2',
    '1',
  ]);
  expect([await textOf(`${INNER}/visits`), await textOf('/visits')]).toEqual(['2', '3']);
});

describe('logins', () => {
  test('are of one of the two', async () => {
    await logIn(INNER, 'smith');
    expect([await textOf(`${INNER}/user`), await textOf('/user')]).toEqual(['smith', 'null']);
    await logIn('', 'jones');
    expect([await textOf(`${INNER}/user`), await textOf('/user')]).toEqual(['smith', 'jones']);
  });

  test('of the outer do not stand for the inner', async () => {
    await logIn('', 'jones');
    const response = await client.get(`${INNER}/private`, { headers: { Accept: 'text/html' } });
    expect(response.status).toBe(303);
  });

  test.each([
    ['', '/login?next=%2Fprivate'],
    [INNER, `${INNER}/login?next=${encodeURIComponent(`${INNER}/private`)}`],
  ])('lead to the form below %j and back', async (base, form) => {
    const response = await client.get(`${base}/private`, { headers: { Accept: 'text/html' } });
    expect(response.headers.get('location')).toBe(form);
    const page = await textOf(form);
    expect(page).toContain(`action="${base}/login"`);
    expect(page).toContain(`value="${base}/private"`);
  });

  test.each(['', INNER])('lead home below %j', async (base) => {
    expect((await logIn(base, 'smith')).headers.get('location')).toBe(`${base}/`);
  });
});

describe('protected forms', () => {
  const save = async (base: string, page: string): Promise<number> => {
    const token = /value="([^"]*)"/.exec(page)?.[1] ?? '';
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return (
      await client.post(`${base}/save`, { body: new URLSearchParams({ _csrf: token }).toString(), headers })
    ).status;
  };

  test('take tokens of their own application', async () => {
    const [outer, inner] = [await textOf('/page'), await textOf(`${INNER}/page`)];
    expect([await save('', outer), await save(INNER, inner)]).toEqual([200, 200]);
  });
});

test('every cookie of the inner application carries the base, and its path stays the root', async () => {
  const cookies = [
    ...(await client.get(`${INNER}/visits`)).headers.getAll('set-cookie'),
    ...(await client.get(`${INNER}/page`)).headers.getAll('set-cookie'),
    ...(await logIn(INNER, 'smith')).headers.getAll('set-cookie'),
  ];
  const names = new Set(cookies.map((cookie) => cookie.slice(0, cookie.indexOf('='))));
  expect(names.size).toBeGreaterThan(2);
  expect([...names].filter((name) => !/^\w+-[\da-f]{32}$/.test(name))).toEqual([]);
  expect(cookies.filter((cookie) => !cookie.includes('Path=/;'))).toEqual([]);
});

test('a session that is first used by a plain handler below a mount is that of the application around', async () => {
  const store = sessions<{ visits: number }>({ keys: [newKey()] });
  const counting: Handler = (request) => new Response(String(count(store.of(request))));
  const app = await bootstrap({
    controllers: [VisitsController],
    features: [store, { middleware: [mount('/plain', counting)] }],
  });
  client = new TestClient(app);
  expect([await textOf('/plain/'), await textOf('/visits'), await textOf('/plain/')]).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect(client.cookies.toObject()).toHaveProperty('SESSID');
});

describe('sessions that do not see the response', () => {
  const store = sessions<{ visits: number }>({ keys: [newKey()] });
  const counting: Handler = (request) => new Response(String(count(store.of(request))));
  const unaware = async (): Promise<Handler> =>
    (
      await bootstrap({
        controllers: [VisitsController],
        features: [sessions({ keys: [newKey()] })],
        middleware: [counting],
      })
    ).handle;

  test.each<[string, () => Handler | Promise<Handler>, boolean]>([
    ['of a plain handler in front of them', () => counting, false],
    ['of an application that has others', unaware, true],
  ])('%s are an error in the log', async (_, start, isBehind) => {
    const logger = collectingLogger();
    const middleware = [mount('/in', await start())];
    const features = isBehind ? [store, { middleware }] : [store];
    const app = await bootstrap({
      controllers: [VisitsController],
      features,
      middleware: isBehind ? [] : middleware,
      logger,
    });
    client = new TestClient(app);
    expect(await textOf('/in/')).toBe('1');
    expect(logger.errors).toEqual([
      expect.stringMatching(/^GET \/in\/: a session was used below a mount that sessions\(\) does not see/),
    ]);
  });

  const passed =
    /^GET \/in\/: a session was changed, and the request was answered before it came to sessions\(\)/;
  test.each<[string, (session: Session<{ visits: number }>) => unknown, '/in/' | '/visits', RegExp[]]>([
    ['that changes', (session) => session.set('visits', 9), '/in/', [passed]],
    ['that begins anew', (session) => session.regenerate(), '/in/', [passed]],
    ['that is deleted', (session) => session.delete('visits'), '/in/', [passed]],
    [
      'that is destroyed',
      (session) => {
        session.destroy();
      },
      '/in/',
      [passed],
    ],
    ['that gets a message', (session) => session.flash('hello', 1), '/in/', [passed]],
    ['that is read', (session) => session.get('visits'), '/in/', []],
    ['that nothing is asked', () => undefined, '/in/', []],
    ['that changes, and comes to them after all', (session) => session.set('visits', 9), '/visits', []],
  ])('one %s in middleware before a mount in front of them: %s', async (_, use, path, expected) => {
    const logger = collectingLogger();
    const using: Middleware = (request, next) => {
      use(store.of(request));
      return next(request);
    };
    const middleware = [using, mount('/in', () => new Response('in'))];
    const first = new TestClient(
      await bootstrap({ controllers: [VisitsController], features: [store], logger }),
    );
    await first.get('/visits');
    client = new TestClient(
      await bootstrap({ controllers: [VisitsController], features: [store], middleware, logger }),
    );
    client.cookies.store([`SESSID=${first.cookies.get('SESSID') ?? ''}`]);
    await client.get(path);
    expect(logger.errors).toEqual(expected.map((line): unknown => expect.stringMatching(line)));
  });

  test.each([[DECLINED], [new Response('')]])('but of a handler behind them are none', async (answer) => {
    const logger = collectingLogger();
    const uses: Handler = (request) => {
      count(store.of(request));
      return answer;
    };
    const features = [store, { middleware: [mount('/in', uses)] }];
    client = new TestClient(await bootstrap({ controllers: [VisitsController], features, logger }));
    await client.get('/in/').catch(() => undefined);
    expect(logger.errors).toEqual([]);
  });
});

@Controller()
class VisitsController {
  constructor(private readonly session: Session<{ visits: number }>) {}

  @Get('/visits') visits() {
    return String(count(this.session));
  }
}

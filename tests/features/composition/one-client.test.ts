/** What is one for a client, in its request and in those that handlers make within it: sessions, tokens, logins, credentials. */
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, makeResponse, Post, type Middleware, type Request } from 'obol';
import {
  CheckBasic,
  CheckDigest,
  CheckFormLogin,
  cookieLogin,
  formLogin,
  digest,
  hexdigest,
  logIn,
  loginOf,
} from 'obol/auth';
import { errorDocuments, forward, include, mount } from 'obol/composition';
import { csrf, csrfField, csrfToken } from 'obol/csrf';
import { memorySessionStore, Session, sessions, type SessionOptions } from 'obol/session';
import { TestClient, type TestResponse } from 'obol/testing';
import { memoryThrottleStore, Throttle, type ThrottleStore } from 'obol/throttle';
import { collectingLogger } from '../../support/collecting-logger.js';
import { authorization, challengesOf } from '../auth/digest/digest-client.js';

const KEY = Buffer.from('8c0f4a5be7d2916334a1cc97f0e85b2d7609be1142f3d8a85c6710e9ab34fd02', 'hex');

interface Kept {
  list: string[];
}

/** The text of a part, asked for by GET. */
async function textOf(req: Request, url: string): Promise<string> {
  return (await include(req, url)).text();
}

/** How many cookies of each name the answer sets. */
function cookiesIn(response: TestResponse): string[] {
  return response.headers.getAll('set-cookie').map((cookie) => cookie.split('=', 1)[0] ?? '');
}

@Controller()
class Parts {
  constructor(private readonly session: Session<Kept>) {}

  #add(item: string): string {
    const list = [...(this.session.get('list') ?? []), item];
    this.session.set('list', list);
    return list.join();
  }

  @Get('/list') list() {
    return (this.session.get('list') ?? []).join();
  }
  @Get('/plain') plain() {
    return 'plain';
  }
  @Get('/add/<item:word>') add(_req: Request, item: string) {
    return this.#add(item);
  }
  @Get('/slow/<item:word>') async slow(_req: Request, item: string) {
    await new Promise(setImmediate);
    return this.#add(item);
  }
  @Get('/around/<item:word>') async around(req: Request, item: string) {
    return `${await textOf(req, `/add/${item}`)} ${this.#add('around')}`;
  }
  @Get('/renew') renew() {
    this.session.regenerate();
    return this.#add('renewed');
  }
  @Get('/end') end() {
    this.session.destroy();
  }
  @Get('/fails') fails() {
    this.#add('failed');
    throw new RangeError('on purpose');
  }
  @Get('/page') async page(req: Request) {
    const { args } = req;
    if (args.has('first')) this.#add('page');
    const shown = [];
    for (const url of args.getList('part')) shown.push(await textOf(req, url));
    const together = await Promise.all(args.getList('beside').map((url) => textOf(req, url)));
    if (args.has('last')) this.#add('last');
    return [...shown, ...together].join(' ');
  }
  @Get('/forward') forward(req: Request) {
    if (req.args.has('first')) this.#add('page');
    return forward(req, req.args.getFirst('to') ?? '');
  }
  @Get('/hasty') hasty(req: Request) {
    this.#add('page');
    void include(req, '/slow/late');
    return 'done';
  }
  @Get('/late') async *late(req: Request) {
    yield 'begun ';
    const { status } = await include(req, '/add/late');
    yield String(status);
  }
}

const STORES: [string, () => SessionOptions<Kept>][] = [
  ['sealed', () => ({ keys: [KEY] })],
  ['signed', () => ({ keys: [KEY], kind: 'signed' })],
  ['stored', () => ({ store: memorySessionStore() })],
];

describe.each(STORES)('a session that is %s', (_, options) => {
  async function site(outermost: Middleware[] = []) {
    const logger = collectingLogger();
    const inner = await bootstrap({ controllers: [Parts], logger, features: [sessions(options())] });
    const middleware = [mount('/inner', inner)];
    const features = [{ outermost }, sessions(options()), { middleware }];
    const app = await bootstrap({ controllers: [Parts], logger, features });
    return { client: new TestClient(app), logger };
  }

  test.each([
    ['is seen in the part as the page has left it', '/page?first=1&part=/list', 'page', ['SESSID'], 'page'],
    ['is kept as the part has left it', '/page?part=/add/a', 'a', ['SESSID'], 'a'],
    ['has what both have set', '/page?first=1&part=/add/a&last=1', 'page,a', ['SESSID'], 'page,a,last'],
    ['has what each part has set', '/page?part=/add/a&part=/add/b', 'a a,b', ['SESSID'], 'a,b'],
    ['has what a part of a part has set', '/page?part=/around/a', 'a a,around', ['SESSID'], 'a,around'],
    ['has what parts set at once', '/page?beside=/slow/a&beside=/slow/b', 'a a,b', ['SESSID'], 'a,b'],
    [
      'gets another id in a part',
      '/page?first=1&part=/renew&last=1',
      'page,renewed',
      ['SESSID'],
      'page,renewed,last',
    ],
    ['ends in a part', '/page?first=1&part=/end', '', ['SESSID'], ''],
    ['begins anew after a part has ended it', '/page?first=1&part=/end&last=1', '', ['SESSID'], 'last'],
    ['has what a forward has set', '/forward?first=1&to=/add/a', 'page,a', ['SESSID'], 'page,a'],
    ['is none where nothing is set', '/page?part=/plain&part=/list', 'plain ', [], ''],
  ])('%s', async (_what, ...[url, text, cookies, kept]) => {
    const { client } = await site();
    const response = await client.get(url);
    expect([await response.text(), cookiesIn(response)]).toEqual([text, cookies]);
    expect(await (await client.get('/list')).text()).toBe(kept);
  });

  test('is ended where one that was there is ended in a part', async () => {
    const { client } = await site();
    await client.get('/add/a');
    const response = await client.get('/page?first=1&part=/end');
    expect(response.headers.getAll('set-cookie')).toEqual([expect.stringMatching(/^SESSID=;.*Max-Age=0/)]);
    expect(client.cookies.get('SESSID')).toBeUndefined();
  });

  test('has what a part has set that failed', async () => {
    const { client } = await site();
    await client.get('/page?part=/fails');
    expect(await (await client.get('/list')).text()).toBe('failed');
  });

  test.each([
    ['one after the other', '/page?part=/inner/add/a&part=/inner/add/b', 'a a,b'],
    ['at once', '/page?beside=/inner/slow/a&beside=/inner/slow/b', 'a a,b'],
    ['between', '/page?part=/inner/add/a&part=/inner/list', 'a a'],
  ])('of an application inside is its own, also in parts that come %s', async (_how, url, text) => {
    const { client } = await site();
    const response = await client.get(`${url}&first=1&last=1`);
    expect([await response.text(), cookiesIn(response).sort()]).toEqual([text, ['SESSID', 'SESSID-inner']]);
    const [inner, outer] = [await client.get('/inner/list'), await client.get('/list')];
    expect([await inner.text(), await outer.text()]).toEqual([text.split(' ')[1], 'page,last']);
  });

  test('goes on from what a part of it outside of the application has set', async () => {
    const { client } = await site();
    const response = await client.get('/inner/page?first=1&part=/page?first=1%26part=/inner/add/a&last=1');
    expect(await response.text()).toBe('page,a');
    expect(cookiesIn(response).sort()).toEqual(['SESSID', 'SESSID-inner']);
    expect(await (await client.get('/inner/list')).text()).toBe('page,a,last');
    expect(await (await client.get('/list')).text()).toBe('page');
  });

  test.each([
    ['before the page', [0], '/add/a', 'outside,a', 'outside,a'],
    ['after the page', [1], '/add/a', 'a', 'a,outside'],
    ['after a page that has renewed it', [1], '/renew', 'renewed', 'renewed,outside'],
    ['after a page that has none', [1], '/plain', 'plain', 'outside'],
    ['on both sides', [0, 1], '/add/a', 'outside,a', 'outside,a,outside'],
  ])('has what middleware outside of it includes %s', async (_what, ...[when, url, text, kept]) => {
    const { client } = await site([
      async (request, next) => {
        if (request.subrequestOf || request.path === '/list') return next(request);
        if (when.includes(0)) await include(request, '/add/outside');
        const response = await next(request);
        if (when.includes(1)) await include(request, '/add/outside');
        return response;
      },
    ]);
    const response = await client.get(url);
    expect([await response.text(), cookiesIn(response)]).toEqual([text, ['SESSID']]);
    expect(await (await client.get('/list')).text()).toBe(kept);
  });

  test.each([
    ['HEAD', 'page,a', ['SESSID']],
    ['GET', 'page,a', ['SESSID']],
  ])('is kept by a page that is asked for by %s', async (method, kept, cookies) => {
    const { client } = await site();
    const response = await client.request('/page?first=1&part=/add/a', { method });
    expect([response.status, cookiesIn(response)]).toEqual([200, cookies]);
    expect(await (await client.get('/list')).text()).toBe(kept);
  });

  test('has what a part that the page does not wait for sets in time', async () => {
    const { client } = await site();
    const response = await client.get('/hasty?first=1');
    expect([response.status, cookiesIn(response)]).toEqual([200, ['SESSID']]);
    expect(await (await client.get('/list')).text()).toBe('page');
  });

  test('cannot change in a part that comes after the head', async () => {
    const { client, logger } = await site();
    expect(await (await client.get('/late')).text()).toBe('begun 500');
    expect(logger.errors.join()).toContain('E_SESSION_SENT');
  });
});

describe('a session of a page about an error', () => {
  test('has what both have set', async () => {
    const app = await bootstrap({
      controllers: [Parts],
      logger: collectingLogger(),
      features: [errorDocuments({ 500: '/add/shown' }, { always: true }), sessions<Kept>({ keys: [KEY] })],
    });
    const client = new TestClient(app);
    const response = await client.get('/fails');
    expect([response.status, await response.text(), cookiesIn(response)]).toEqual([
      500,
      'failed,shown',
      ['SESSID'],
    ]);
    expect(await (await client.get('/list')).text()).toBe('failed,shown');
  });
});

describe('a part that is asked for with other cookies', () => {
  test.each([true, false])('has another session (autoCookies: %j)', async (autoCookies) => {
    @Controller()
    class Others {
      constructor(private readonly session: Session<Kept>) {}
      @Get('/page') async page(req: Request) {
        this.session.set('list', ['page']);
        return (await include(req, '/list', { headers: { Cookie: 'other=1' } })).text();
      }
      @Get('/list') list() {
        return `list ${(this.session.get('list') ?? []).join()}`;
      }
    }
    const features = [sessions<Kept>({ keys: [KEY] })];
    const client = new TestClient(await bootstrap({ controllers: [Others], features, autoCookies }));
    await client.get('/page');
    expect(await (await client.get('/page')).text()).toBe('list ');
  });
});

describe('a token', () => {
  @Controller()
  class Forms {
    @Get('/form') form(req: Request) {
      return csrfField(req);
    }
    @Get('/page') async page(req: Request) {
      const parts = await Promise.all([textOf(req, '/form'), textOf(req, '/form')]);
      return [...parts, csrfField(req)].join('');
    }
    @Get('/around') async around(req: Request) {
      return textOf(req, '/form');
    }
    @Get('/forward') forward(req: Request) {
      return forward(req, '/form');
    }
    @Get('/inside') async inside(req: Request) {
      return `${await textOf(req, '/inner/form')}${await textOf(req, '/inner/form')}`;
    }
    @Get('/late') async *late(req: Request) {
      yield 'begun ';
      yield String((await include(req, '/form')).status);
    }
    @Get('/missing') missing(req: Request) {
      csrfToken(req);
      return makeResponse('missing', 'text/html', {}, 404);
    }
    @Get('/bare') bare() {
      return makeResponse('missing', 'text/html', {}, 404);
    }
    @Post('/send') send() {
      return 'sent';
    }
  }
  const tokensIn = (html: string): string[] =>
    [...html.matchAll(/value="([^"]+)"/g)].map(([, token = '']) => token);

  async function site() {
    const inner = await bootstrap({ controllers: [Forms], features: [{ middleware: [csrf({ key: KEY })] }] });
    const features = [errorDocuments({ 404: '/form' }, { always: true })];
    const middleware = [mount('/inner', inner), csrf({ key: KEY })];
    const app = await bootstrap({ controllers: [Forms], features, middleware, logger: collectingLogger() });
    return new TestClient(app);
  }

  test.each([
    ['parts and page', '/page', 3, ''],
    ['a part alone', '/around', 1, ''],
    ['a forward', '/forward', 1, ''],
    ['parts of an application inside', '/inside', 2, '/inner'],
    ['the page of an error', '/bare', 1, ''],
    ['the page of an error after another', '/missing', 1, ''],
  ])('of %s is good, with one cookie', async (_, url, count, base) => {
    const client = await site();
    const response = await client.get(url);
    const tokens = tokensIn(await response.text());
    expect([tokens.length, cookiesIn(response).length]).toEqual([count, 1]);
    const sent = tokens.map(
      async (token) => (await client.post(`${base}/send`, { headers: { 'X-CSRF-Token': token } })).status,
    );
    expect(await Promise.all(sent)).toEqual(tokens.map(() => 200));
  });

  test('comes too late after the head', async () => {
    expect(await (await (await site()).get('/late')).text()).toBe('begun 500');
  });
});

describe('a login', () => {
  @Controller()
  class Members {
    @Get('/who') who(req: Request) {
      return String(req.user);
    }
    @Get('/member') @CheckFormLogin() member(req: Request) {
      return String(req.user);
    }
    @Get('/login') login(req: Request) {
      logIn(req, { user: 'anna' });
      return String(req.user);
    }
    @Get('/page') async page(req: Request) {
      const before = await textOf(req, '/who');
      const during = await textOf(req, '/login');
      return [before, during, await textOf(req, '/member'), loginOf(req)?.user].join();
    }
    @Get('/first') async first(req: Request) {
      logIn(req, { user: 'bert' });
      return textOf(req, '/member');
    }
    @Get('/forward') forward(req: Request) {
      return forward(req, '/login');
    }
    @Get('/public') async public(req: Request) {
      return (await include(req, '/member')).status;
    }
  }

  async function site() {
    const users = { verify: () => true };
    const features = [formLogin({ users, keeper: cookieLogin({ keys: [KEY] }) })];
    return new TestClient(await bootstrap({ controllers: [Members], features }));
  }

  test.each([
    ['by a part', '/page', 'null,anna,anna,anna', 'anna'],
    ['by the page', '/first', 'bert', 'bert'],
    ['by a forward', '/forward', 'anna', 'anna'],
  ])('that is begun %s is one for page and parts, and so is its cookie', async (_, url, text, user) => {
    const client = await site();
    const response = await client.get(url);
    expect([await response.text(), cookiesIn(response)]).toEqual([text, ['login']]);
    expect(await (await client.get('/member')).text()).toBe(user);
  });

  test('is asked of a client who has none, whatever the page is', async () => {
    expect(await (await (await site()).get('/public')).text()).toBe('401');
  });
});

describe('credentials', () => {
  const REALM = 'Zone';
  const users = { foo: 'bar', boo: 'far' };

  class Zones {
    who(req: Request) {
      return String(req.user);
    }
  }
  const authMap = {
    find: async (realm: string, user: string, hash: Parameters<typeof hexdigest>[3]) => {
      await new Promise(setImmediate);
      const password = (users as Record<string, string | undefined>)[user];
      return password === undefined ? undefined : hexdigest(user, realm, password, hash);
    },
  };
  const people = {
    verify: (user: string, password: string) =>
      (users as Record<string, string | undefined>)[user] === password,
  };

  @Controller('/digest')
  class Digests extends Zones {
    @Get('/secret') @CheckDigest(REALM) secret(req: Request) {
      return this.who(req);
    }
    @Get('/foo') @CheckDigest(REALM, 'foo') foo(req: Request) {
      return this.who(req);
    }
    @Get('/guarded') @CheckDigest(REALM) async guarded(req: Request) {
      const [secret, foo] = [await include(req, 'secret'), await include(req, 'foo')];
      return [this.who(req), await secret.text(), foo.status].join();
    }
    @Get('/public') async public(req: Request) {
      const parts = await Promise.all(['foo', 'secret', 'secret'].map(async (url) => include(req, url)));
      return parts.map(({ status }) => status).join();
    }
    @Get('/inside') @CheckDigest(REALM) async inside(req: Request) {
      return (await include(req, '/inner/digest/secret')).status;
    }
    @Get('/forward') forward(req: Request) {
      return forward(req, 'secret');
    }
    @Get('/guarded-forward') @CheckDigest(REALM) guardedForward(req: Request) {
      return forward(req, 'secret');
    }
  }

  @Controller('/basic')
  class Basics extends Zones {
    @Get('/secret') @CheckBasic(REALM, people) secret(req: Request) {
      return this.who(req);
    }
    @Get('/guarded') @CheckBasic(REALM, people) async guarded(req: Request) {
      return [this.who(req), await textOf(req, 'secret')].join();
    }
    @Get('/public') async public(req: Request) {
      const [one, two] = [await include(req, 'secret'), await include(req, 'secret')];
      return [one.status, two.status].join();
    }
  }

  async function site() {
    const counting: ThrottleStore = memoryThrottleStore();
    let failures = 0;
    const store = {
      ...Object.fromEntries(
        (['get', 'increment', 'decrement', 'reset', 'expire'] as const).map((name) => [
          name,
          (...args: never[]) => {
            if (name === 'increment' && String(args[0]).startsWith('account')) failures++;
            return (counting[name] as (...given: never[]) => unknown)(...args);
          },
        ]),
      ),
    } as unknown as ThrottleStore;
    const feature = digest({ secretKey: KEY, authMap, throttle: new Throttle({ store }) });
    const inner = await bootstrap({ controllers: [Digests], features: [feature] });
    const middleware = [mount('/inner', inner)];
    const app = await bootstrap({ controllers: [Digests, Basics], features: [feature, { middleware }] });
    const client = new TestClient(app);
    const [challenge = {}] = challengesOf(await client.get('/digest/secret'));
    const as = (user: string, uri: string, password = users[user as 'foo']): Record<string, string> => ({
      Authorization: authorization(challenge, { user, password, uri }),
    });
    return { client, as, failures: () => failures };
  }

  test.each([
    ['counts for parts of a guarded page', 'foo', '/digest/guarded', 'foo,foo,200'],
    ['counts for parts of a guarded page, but not as another user', 'boo', '/digest/guarded', 'boo,boo,401'],
    ['is found once for parts of a public page', 'foo', '/digest/public', '200,200,200'],
    ['is found once, by another part than the one that refuses it', 'boo', '/digest/public', '401,200,200'],
    ['counts in an application inside with the same users', 'foo', '/digest/inside', '200'],
    ['counts where it is forwarded to', 'foo', '/digest/forward', 'foo'],
    ['counts where it is forwarded to from a guarded page', 'foo', '/digest/guarded-forward', 'foo'],
  ])('by digest %s', async (_, user, uri, text) => {
    const { client, as, failures } = await site();
    const response = await client.get(uri, { headers: as(user, uri) });
    expect([response.status, await response.text(), failures()]).toEqual([200, text, 0]);
    expect(response.headers.getAll('authentication-info')).toHaveLength(1);
  });

  test('by digest are good once, however they were used', async () => {
    const { client, as } = await site();
    const headers = as('foo', '/digest/public');
    await client.get('/digest/public', { headers });
    const again = await client.get('/digest/public', { headers });
    expect(await again.text()).toBe('401,401,401');
  });

  test.each([
    ['that are none', {}],
    ['for what is forwarded to alone', '/digest/secret'],
    ['for another page', '/digest/guarded'],
  ])('by digest %s let no client in', async (_, uri) => {
    const { client, as } = await site();
    const headers = typeof uri === 'string' ? as('foo', uri) : uri;
    const forwarded = await client.get('/digest/forward', { headers });
    expect([forwarded.status, await forwarded.text()]).toEqual([401, expect.not.stringContaining('foo')]);
    expect(await (await client.get('/digest/public', { headers })).text()).toBe('401,401,401');
  });

  test('by digest that are wrong are counted once', async () => {
    const { client, as, failures } = await site();
    const headers = as('foo', '/digest/public', 'wrong');
    expect(await (await client.get('/digest/public', { headers })).text()).toBe('401,401,401');
    expect(failures()).toBe(1);
  });

  const basic = (text: string): object => ({
    Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });

  test.each([
    ['right', '/basic/guarded', 'foo:bar', 'foo,foo', 1],
    ['right for a public page', '/basic/public', 'foo:bar', '200,200', 1],
    ['wrong', '/basic/public', 'foo:wrong', '401,401', 1],
  ])('by Basic that are %s are looked at once', async (_, ...[uri, text, expected, times]) => {
    let asked = 0;
    const { verify } = people;
    people.verify = (user, password) => {
      asked++;
      return verify(user, password);
    };
    const { client } = await site();
    const response = await client.get(uri, { headers: basic(text) as Record<string, string> });
    people.verify = verify;
    expect(await response.text()).toBe(expected);
    // A right one may be known from a moment ago.
    expect(asked).toBeLessThanOrEqual(times);
  });
});

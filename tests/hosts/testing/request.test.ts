/** request(): calling a controller's method, and a guard, directly. */
import { setImmediate } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { abort, createGuard, HttpError, type Request } from 'obol';
import {
  anyOf,
  CheckBasic,
  CheckFormLogin,
  FormLogin,
  formLogin,
  Groups,
  logIn,
  loginOf,
  logOut,
} from 'obol/auth';
import { sessionLogin } from 'obol/auth';
import { csrfField, csrfToken } from 'obol/csrf';
import { Session, sessions } from 'obol/session';
import { guardOf, ParsedForm, request, UploadedFile, type RequestInit } from 'obol/testing';
import { TestSocket } from '../../../src/hosts/testing/request.js';
import { developerError, httpError } from '../../support/errors.js';

const photo = UploadedFile.of('photo', 'bytes', { filename: 'me.png', type: 'image/png' });

describe('request()', () => {
  test('is GET without a body', () => {
    const req = request('/people/smith?x=1');
    expect([req.method, req.path, req.args.getFirst('x'), req.hasBody]).toEqual([
      'GET',
      '/people/smith',
      '1',
      false,
    ]);
    expect([...req.headers]).toEqual([['Host', 'localhost']]);
  });

  test('has its JSON at once, as the wire would have carried it', async () => {
    const when = new Date(0);
    const req = request('/', { json: { when, none: undefined } });
    expect([req.method, req.mimeType]).toEqual(['POST', 'application/json']);
    expect(req.json).toEqual({ when: '1970-01-01T00:00:00.000Z' });
    expect(req.data?.toString()).toBe('{"when":"1970-01-01T00:00:00.000Z"}');
    expect((await req.readBytes()).toString()).toBe('{"when":"1970-01-01T00:00:00.000Z"}');
  });

  test.each([
    ['text', 'ü', { 'content-length': '2' }],
    ['bytes', new Uint8Array([0xc3, 0xbc]), { 'content-length': '2' }],
    ['a stream', ['\u00fc'], { 'transfer-encoding': 'chunked' }],
  ])('has a body of %s', async (_, body, headers) => {
    const req = request('/', { method: 'PUT', body });
    expect([req.method, req.hasBody, req.data]).toEqual(['PUT', true, undefined]);
    for (const [name, value] of Object.entries(headers)) expect(req.headers.get(name)).toBe(value);
    expect((await req.readBytes()).toString()).toBe('ü');
  });

  test('has headers, cookies, user and address', () => {
    const req = request('/', {
      headers: { Host: 'example.com', 'Content-Type': 'text/plain' },
      cookies: { a: '1', b: '2' },
      user: { name: 'anna' },
      remoteAddress: '192.0.2.7',
      httpVersion: '1.0',
      json: 1,
    });
    expect([req.peer.host, req.mimeType, req.cookies.get('b')]).toEqual(['example.com', 'text/plain', '2']);
    expect([req.user, req.peer.address, req.httpVersion]).toEqual([{ name: 'anna' }, '192.0.2.7', '1.0']);
  });

  test('comes over TLS where the test says so', () => {
    const req = request('/', { https: true });
    expect([req.peer.scheme, req.constructUrl('/a')]).toEqual(['https', 'https://localhost/a']);
  });

  test.each<[RequestInit['query'], string]>([
    [{ page: 2, tag: ['a', 'b c'], all: true }, '/?page=2&tag=a&tag=b+c&all=true'],
    [new URLSearchParams([['x', 'ü']]), '/?x=%C3%BC'],
    [{}, '/'],
  ])('has the query %j behind its target', (query, target) => {
    expect(request('/', { query }).target).toBe(target);
    expect(request('/?a=1', { query: { b: 2 } }).target).toBe('/?a=1&b=2');
  });

  test.each<[RequestInit['data']]>([
    ['<xml/>'],
    [Buffer.from('<xml/>')],
    [new TextEncoder().encode('<xml/>')],
  ])('has its data at once: %p', async (data) => {
    const req = request('/', { data, headers: { 'Content-Type': 'application/xml' } });
    expect([req.method, req.mimeType, req.contentLength, req.data?.toString()]).toEqual([
      'POST',
      'application/xml',
      6,
      '<xml/>',
    ]);
    expect((await buffer(req.stream)).toString()).toBe('<xml/>');
  });

  test('has the parameters of its path, and a route that they are of', () => {
    const req = request('/people/smith/42', { params: { surname: 'smith', age: 42 } });
    expect({ ...req.params }).toEqual({ surname: 'smith', age: 42 });
    expect([req.route?.path, req.paramValues]).toEqual(['/people/smith/42', ['smith', 42]]);
    expect([{ ...request('/').params }, request('/').route]).toEqual([{}, undefined]);
  });
});

describe('a form of request()', () => {
  test.each<[string, RequestInit, [string, string][]]>([
    [
      'by name',
      { form: { name: 'smith', age: 42, nice: true } },
      [
        ['name', 'smith'],
        ['age', '42'],
        ['nice', 'true'],
      ],
    ],
    [
      'with several values',
      { form: { hobby: ['chess', 'go'] } },
      [
        ['hobby', 'chess'],
        ['hobby', 'go'],
      ],
    ],
    ['without any', { form: {} }, []],
    [
      'as URLSearchParams',
      { form: new URLSearchParams('a=1&a=2') },
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['as a body', { body: new URLSearchParams('a=%C3%BC') }, [['a', 'ü']]],
    [
      'as a Form',
      { form: ParsedForm.of({ a: ['1', '2'] }) },
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
  ])('is read at once, and again: %s', async (_, init, fields) => {
    const req = request('/', init);
    expect([req.method, req.mimeType]).toEqual(['POST', 'application/x-www-form-urlencoded']);
    expect([...req.form]).toEqual(fields);
    expect([...(await req.readForm())]).toEqual(fields);
  });

  test.each<[string, RequestInit]>([
    [
      'beside it',
      {
        form: { title: 'Me' },
        files: { photo: { filename: 'me.png', type: 'image/png', content: 'bytes' } },
      },
    ],
    [
      'within it',
      {
        form: {
          title: 'Me',
          photo: { filename: 'me.png', type: 'image/png', content: Buffer.from('bytes') },
        },
      },
    ],
    ['made before', { form: { title: 'Me', photo } }],
    ['of a Form', { form: ParsedForm.of({ title: 'Me' }, [photo]) }],
  ])('has files %s', async (_, init) => {
    const req = request('/', init);
    for (const form of [req.form, await req.readForm()]) {
      const file = form.getFile('photo');
      expect(form.getFirst('title')).toBe('Me');
      expect([file?.filename, file?.type, file?.length, await file?.text()]).toEqual([
        'me.png',
        'image/png',
        5,
        'bytes',
      ]);
    }
    expect(req.contentLength).toBe((await request('/', init).readBytes()).length);
  });

  test('has several files of one field, and names that need escaping', async () => {
    const files = { 'a"b': [{ filename: '1"\r\n.txt', content: 'one' }, { content: 'two' }] };
    const form = await request('/', { files }).readForm();
    expect(form.files.map(({ filename, type }) => [filename, type])).toEqual([
      ['1%22%0D%0A.txt', 'application/octet-stream'],
      ['unnamed', 'application/octet-stream'],
    ]);
    expect(form.files.map(({ name }) => name)).toEqual(['a%22b', 'a%22b']);
  });

  test('is FormData, sent as multipart', () => {
    const data = new FormData();
    data.append('a', '1');
    const req = request('/', { body: data });
    expect([req.mimeType, req.form.getFirst('a')]).toEqual(['multipart/form-data', '1']);
  });
});

test.each<[RequestInit, string]>([
  [{ form: {}, json: 1 }, 'A request has one body, not json and form; files go with form alone.'],
  [{ files: {}, data: 'x' }, 'A request has one body, not data and files; files go with form alone.'],
  [{ body: 'x', data: 'x' }, 'A request has one body, not body and data; files go with form alone.'],
  [
    { form: { a: new Blob(['x']) } },
    'request() has its files at once, and a Blob is read later: give UploadedFile.of(name, bytes) or { filename, content }.',
  ],
  [{ header: {} } as RequestInit, 'request.header: there is no such option. Did you mean "headers"?'],
  [{ parms: {} } as RequestInit, 'request.parms: there is no such option. Did you mean "params"?'],
  [{ user: 1, https: 'yes' as never }, 'request.https: "yes" is not true or false.'],
  [{ form: 'a=1' as never }, 'request.form: "a=1" is not an object.'],
])('refuses %j', (init, message) => {
  expect(() => request('/', init)).toThrow(developerError('E_SETTING', message));
});

describe('a client that leaves', () => {
  test.each([false, true])('aborts the signal of its request, asked for before: %s', (isBefore) => {
    const client = new AbortController();
    const req = request('/', { signal: client.signal });
    if (isBefore) expect(req.signal.aborted).toBe(false);
    client.abort();
    expect([req.signal.aborted, (req.signal.reason as HttpError).status]).toEqual([true, 499]);
  });

  test('has left before', () => {
    expect(request('/', { signal: AbortSignal.abort() }).signal.aborted).toBe(true);
  });

  test('ends its request', () => {
    const client = new AbortController();
    const req = request('/', { signal: client.signal });
    let ended = 0;
    req.onClose(() => ended++);
    client.abort();
    expect(ended).toBe(1);
  });

  test('cuts its body', async () => {
    const client = new AbortController();
    async function* endless() {
      for (;;) yield await setImmediate('x');
    }
    const req = request('/', { body: endless(), signal: client.signal });
    const reading = req.readBytes();
    client.abort();
    await expect(reading).rejects.toMatchObject({ status: 400 });
    expect(req.isCut).toBe(true);
  });

  test('stays where the test has no signal', () => {
    expect(request('/').signal.aborted).toBe(false);
  });
});

describe('features of a controller that is called alone', () => {
  test('csrfField gives a token, which the next request may send', async () => {
    const login = new FormLogin({ users: { verify: () => true }, keeper });
    expect(csrfField(request('/'))).toMatch(/^<input type="hidden" name="_csrf" value="[\w-]{86}">$/);
    const form = { user: 'smith', password: 'x', _csrf: csrfToken(request('/')) };
    expect((await login.submit(request('/login', { form }))).status).toBe(303);
  });

  const keeper = sessionLogin(() => Session.of());
  const login = new FormLogin({
    users: { verify: (user, password) => user + password === 'smithsecret' },
    keeper,
  });

  test('FormLogin shows its page', () => {
    const page = login.page(request('/login?next=%2Fhome'));
    expect([page.status, page.body as string]).toEqual([
      200,
      expect.stringContaining('name="next" value="/home"'),
    ]);
    expect(login.page(request('/login', { user: 'smith' })).headers.get('location')).toBe('/');
  });

  test.each([
    ['secret', 303, 'smith'],
    ['wrong', 401, null],
  ])('FormLogin takes its form with the password %s', async (password, status, user) => {
    const req = request('/login', { form: { user: 'smith', password } });
    expect((await login.submit(req)).status).toBe(status);
    expect([req.user, loginOf(req)?.user ?? null]).toEqual([user, user]);
  });

  test('FormLogin logs out', async () => {
    const req = request('/logout', { method: 'POST', form: {}, user: 'smith' });
    expect((await login.leave(req)).headers.get('location')).toBe('/');
    expect(req.user).toBeNull();
  });

  test.each<[string, RequestInit]>([
    ['another origin', { headers: { Origin: 'https://evil.example' } }],
    ['another site', { headers: { 'Sec-Fetch-Site': 'cross-site' } }],
    ['a wrong token', { form: { user: 'smith', password: 'secret', _csrf: 'x' } }],
    ['a token of another form', { form: { user: 'smith', password: 'secret', _csrf: `A${'x'.repeat(85)}` } }],
  ])('FormLogin refuses %s', async (_, init) => {
    const form = { user: 'smith', password: 'secret' };
    await expect(login.submit(request('/login', { form, ...init }))).rejects.toMatchObject({ status: 403 });
  });

  test('logIn and logOut change the user of the request', () => {
    const req = request('/');
    logIn(req, { user: 'smith', groups: ['admin'] });
    expect([req.user, loginOf(req)]).toEqual(['smith', { user: 'smith', groups: ['admin'] }]);
    logOut(req);
    expect([req.user, loginOf(req)]).toEqual([null, undefined]);
  });

  describe('sessions.of(req)', () => {
    const store = sessions<{ items?: string[] }>({ keys: ['a key of at least thirty-two bytes, for tests'] });

    test.each<[string, RequestInit, string[] | undefined]>([
      ['what the test gives', { session: { items: ['tea'] } }, ['tea']],
      ['the session that the test gives', { session: Session.of({ items: ['tea'] }) }, ['tea']],
      ['an empty one', {}, undefined],
    ])('is %s', (_, init, items) => {
      const req = request('/', init);
      expect(store.of(req).get('items')).toEqual(items);
      store.of(req).set('items', ['coffee']);
      expect(store.of(req).get('items')).toEqual(['coffee']);
    });

    test('is the very session that the test gave', () => {
      const session = Session.of<{ items?: string[] }>();
      expect(store.of(request('/', { session }))).toBe(session);
    });
  });
});

describe('guardOf()', () => {
  class Users {
    readonly admins: readonly string[] = ['smith'];
  }
  const Role = createGuard('Role', (setup, role: string) => {
    const users = setup.resolve(Users);
    return (req: Request) => {
      if (role !== 'admin' || !users.admins.includes(String(req.user))) abort(403);
    };
  });
  const users = { verify: (user: string, password: string) => user === 'smith' && password === 'secret' };
  const authorization = `Basic ${Buffer.from('smith:secret').toString('base64')}`;

  test('lets a request through, or throws', () => {
    const check = guardOf(Role('admin'));
    expect(check(request('/', { user: 'smith' }))).toBeUndefined();
    expect(() => check(request('/', { user: 'jones' }))).toThrow(httpError(403, 'Forbidden'));
    expect(() => guardOf(Role('other'))(request('/', { user: 'smith' }))).toThrow(HttpError);
  });

  test('takes stand-ins', () => {
    const check = guardOf(Role('admin'), {
      providers: [{ provide: Users, useValue: { admins: ['jones'] } }],
    });
    expect(() => check(request('/', { user: 'smith' }))).toThrow(HttpError);
    expect(check(request('/', { user: 'jones' }))).toBeUndefined();
  });

  test('takes a session for a guard that asks for one', async () => {
    const Paid = createGuard('Paid', (setup) => {
      const session = setup.resolve(Session<{ paid?: boolean }>);
      return () => session.get('paid') === true || abort(402);
    });
    const paidWith = (data: object) =>
      guardOf(Paid(), { providers: [{ provide: Session, useValue: Session.of(data) }] });
    await paidWith({ paid: true })(request('/'));
    expect(() => paidWith({})(request('/'))).toThrow(httpError(402, 'Payment Required'));
  });

  test('takes features, and answers asynchronously where the guard does', async () => {
    const login = formLogin({ users, keeper: sessionLogin(() => Session.of()) });
    const check = guardOf(CheckFormLogin(), { features: [login] });
    expect(() => check(request('/', { headers: { Accept: 'application/json' } }))).toThrow(
      httpError(401, 'Unauthorized'),
    );
    const basic = guardOf(anyOf(CheckBasic('Staff', users), Role('admin')));
    const req = request('/', { headers: { Authorization: authorization } });
    await basic(req);
    expect(req.user).toBe('smith');
  });

  test.each([
    [['admin'], 'passes'],
    [['staff'], 403],
  ])('asks who is in the groups %j', async (groups, outcome) => {
    const passed = await Promise.resolve(request('/', { user: { groups } }))
      .then(guardOf(Groups('admin')))
      .then(
        () => 'passes',
        (error: unknown) => (error as HttpError).status,
      );
    expect(passed).toBe(outcome);
  });

  test.each<[() => unknown, string]>([
    [() => guardOf(() => undefined), "guardOf takes guards only, such as CheckDigest('Staff')."],
    [
      () => guardOf(Role('x'), { provider: [] } as never),
      'guardOf.provider: there is no such option. Did you mean "providers"?',
    ],
  ])('refuses what is none', (make, message) => {
    expect(make).toThrow(developerError('E_SETTING', message));
  });

  test('reports what the guard does not find', () => {
    expect(() => guardOf(CheckFormLogin())).toThrow(
      developerError(
        'E_AUTH',
        'The guard @CheckFormLogin could not be put together: there is no form to log in with. Add features: [formLogin({ ... })] to those of bootstrap.',
      ),
    );
  });
});

test('a test socket shows when it closes', () => {
  const socket = new TestSocket('127.0.0.1');
  let closed = false;
  socket.once('close', () => (closed = true));
  socket.destroy();
  expect([closed, socket.destroyed]).toEqual([true, true]);
});

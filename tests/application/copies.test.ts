/** A second copy of Obol in the process, as a library may bring one: what it makes counts as if this copy had made it. */
import { get } from 'node:http';
import { resolve } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import * as ours from 'obol';
import { access, cookieLogin, formLogin } from 'obol/auth';
import { mount } from 'obol/composition';
import { csrf, CsrfRefused } from 'obol/csrf';
import { MethodNotAllowed } from 'obol/errors';
import { Session, sessions } from 'obol/session';
import { ParsedForm, request, TestClient, UploadedFile } from 'obol/testing';
import { inject } from 'tsyringe';
import { VERSION } from '../../src/ground/version.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { problemsOf } from '../support/problems.js';
import { deferred, serve } from '../support/serve.js';

jest.resetModules();
const theirs = await import('obol');
const their = {
  ...(await import('obol/auth')),
  ...(await import('obol/base-handler')),
  ...(await import('obol/csrf')),
  ...(await import('obol/session')),
  ...(await import('obol/testing')),
  ...(await import('obol/errors')),
  ...(await import('obol/kit')),
};

const KEY = 'kept-for-the-tests-of-two-copies-of-one-package';
const COPIES = Symbol.for('obol.copies');

/** What an application answers to a GET of `/`. */
async function ask(controller: ours.BootstrapOptions['controllers'], options: object = {}) {
  const app = await ours.bootstrap({ controllers: controller, logger: collectingLogger(), ...options });
  return new TestClient(app).get('/');
}

/** An application whose only route does this. */
function answering(answer: (req: ours.Request) => unknown) {
  @ours.Controller()
  class One {
    @ours.Get('/') get(req: ours.Request) {
      return answer(req);
    }
  }
  return [One];
}

async function* endless() {
  for (;;) {
    yield 'tick';
    await new Promise((tick) => setTimeout(tick, 5));
  }
}

function thrown(error: unknown): never {
  throw error;
}

test('the two copies are two', () => {
  expect(theirs.Response).not.toBe(ours.Response);
  expect(theirs.HttpError).not.toBe(ours.HttpError);
  expect(their.Session).not.toBe(Session);
});

describe('what a handler gives or throws', () => {
  test.each<[string, () => unknown, number, string]>([
    ['a Response', () => new theirs.Response('x', { status: 202 }), 202, 'x'],
    ['a subclass of it', () => new theirs.TextResponse('x', { status: 203 }), 203, 'x'],
    ['a promise of one', () => Promise.resolve(new theirs.Response('x')), 200, 'x'],
    ['reply()', () => theirs.reply({ a: 1 }, { status: 201 }), 201, '{"a":1}'],
    ['reply() of a Response of ours', () => theirs.reply(new ours.TextResponse('x')), 200, 'x'],
    ['toResponse() with a Response', () => ({ toResponse: () => new theirs.Response('x') }), 200, 'x'],
    ['Headers', () => ours.reply('x', { headers: new theirs.Headers({ 'X-A': '1' }) }), 200, 'x'],
    ['an HttpError', () => thrown(new theirs.HttpError(418)), 418, 'state'],
    ['a subclass of it', () => thrown(new their.MethodNotAllowed({ allow: ['GET'] })), 405, ''],
    ['abort(status)', () => theirs.abort(410), 410, ''],
    ['abort(response)', () => theirs.abort(new theirs.Response('x', { status: 202 })), 202, 'x'],
    ['abort(response) of both', () => ours.abort(new theirs.Response('x', { status: 202 })), 202, 'x'],
    ['redirect()', () => theirs.redirect('/y'), 302, ''],
    ['a Response that is thrown', () => thrown(new theirs.Response('x', { status: 202 })), 202, 'x'],
    ['a file', () => theirs.fileResponse(import.meta.filename), 200, '/** A second copy'],
  ])('%s', async (_, answer, status, text) => {
    @ours.Controller()
    class States {
      @ours.HttpState(418) teapot() {
        return 'state';
      }
    }
    const response = await ask([...answering(answer), States]);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  test.each<[string, () => ours.Response | Promise<ours.Response>, number, string]>([
    ['a Response that is thrown', () => thrown(new theirs.TextResponse('x', { status: 202 })), 202, 'x'],
    [
      'one that a promise rejects with',
      () => Promise.resolve().then(() => thrown(new theirs.TextResponse('x'))),
      200,
      'x',
    ],
    ['a class of a status', () => thrown(new their.MethodNotAllowed({ allow: ['GET'] })), 405, ''],
    ['redirect()', () => theirs.redirect('/y'), 302, ''],
  ])('of a plain handler: %s', async (_, handler, status, text) => {
    const response = await new TestClient(handler).get('/');
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  test('DECLINED of a plain handler closes the connection, thrown or returned', async () => {
    for (const decline of [() => theirs.DECLINED, () => thrown(theirs.DECLINED)])
      await expect(new TestClient(decline as ours.Handler).get('/')).rejects.toThrow('without an answer');
  });

  test('DECLINED closes the connection, thrown or returned', async () => {
    for (const decline of [() => theirs.DECLINED, () => theirs.abort(theirs.DECLINED)])
      await expect(ask(answering(decline))).rejects.toThrow('closed without an answer');
  });

  test('DECLINED, a file in part and a response of each kind are sent by the server', async () => {
    @ours.Controller()
    class All {
      @ours.Get('/declined') declined() {
        return theirs.DECLINED;
      }
      @ours.Get('/file') file() {
        return theirs.fileResponse(import.meta.filename);
      }
      @ours.Get('/plain') plain() {
        return new theirs.TextResponse('plain');
      }
      @ours.Get('/events') events() {
        return new theirs.EventStreamResponse(endless());
      }
      @ours.Get('/echo') echo() {
        return new theirs.UpgradeResponse('echo', ({ socket }) => socket.end('taken over'));
      }
      @ours.Get('/later') async later() {
        return Promise.resolve(new theirs.JsonResponse({ a: 1 }));
      }
    }
    const app = await ours.bootstrap({ controllers: [All] });
    const { server } = await serve(app.handle);
    await expect(fetch(`${server.url}/declined`)).rejects.toThrow();
    const part = await fetch(`${server.url}/file`, { headers: { Range: 'bytes=4-5, 9-10' } });
    expect(part.status).toBe(206);
    expect(await part.text()).toContain('A ');
    expect(await (await fetch(`${server.url}/plain`)).text()).toBe('plain');
    expect(await (await fetch(`${server.url}/later`)).text()).toBe('{"a":1}');
    const events = await fetch(`${server.url}/events`);
    const taken = deferred<string>();
    get(`${server.url}/echo`, { headers: { Connection: 'Upgrade', Upgrade: 'echo' } })
      .on('upgrade', (_, socket, head) => {
        let text = head.toString();
        socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
        socket.on('end', () => {
          taken.resolve(text);
        });
      })
      .on('response', ({ statusCode }) => {
        taken.resolve(String(statusCode));
      });
    expect(await taken.promise).toBe('taken over');
    // The stream would never end by itself: a server that closes knows it for one of events.
    await Promise.all([server.close(), events.text()]);
  });

  test('an error goes to the error handler of its class, whichever copy names that', async () => {
    @ours.Controller()
    class Errors {
      @ours.ErrorHandler(MethodNotAllowed) inner() {
        return ours.reply('405 of ours', { status: 405 });
      }
      @ours.ErrorHandler(theirs.HttpError) outer() {
        return 'any of theirs';
      }
    }
    const first = await ask([...answering(() => thrown(new their.MethodNotAllowed({ allow: [] }))), Errors]);
    expect(await first.text()).toBe('405 of ours');
    const second = await ask([...answering(() => thrown(new ours.HttpError(409))), Errors]);
    expect(await second.text()).toBe('any of theirs');
  });
});

describe('instanceof', () => {
  class Missing extends ours.HttpError {}

  test.each<[string, unknown, abstract new (...args: never[]) => unknown, boolean]>([
    ['HttpError', new theirs.HttpError(404), ours.HttpError, true],
    ['HttpError, the other way', new ours.HttpError(404), theirs.HttpError, true],
    ['MethodNotAllowed', new their.MethodNotAllowed({ allow: [] }), MethodNotAllowed, true],
    ['MethodNotAllowed as its base', new their.MethodNotAllowed({ allow: [] }), ours.HttpError, true],
    ['any error of the status', new theirs.HttpError(405), MethodNotAllowed, true],
    ['an error of another status', new theirs.HttpError(404), MethodNotAllowed, false],
    ['the base as a class of the application', new theirs.HttpError(404), Missing, false],
    ['a class of the application', new Missing(404), Missing, true],
    ['a class of the application as its base', new Missing(404), theirs.HttpError, true],
    ['ObolError', new theirs.ObolError('E_ABORT', ''), ours.ObolError, true],
    ['ConfigurationError', new theirs.ConfigurationError([]), ours.ConfigurationError, true],
    ['ObolError as ConfigurationError', new theirs.ObolError('E_ABORT', ''), ours.ConfigurationError, false],
    ['ObolError as HttpError', new theirs.ObolError('E_ABORT', ''), ours.HttpError, false],
    ['another error', new Error(), ours.HttpError, false],
    ['CsrfRefused', new their.CsrfRefused('site', request('/'), { debug: false }), CsrfRefused, true],
    ['another 403 as CsrfRefused', new theirs.HttpError(403), CsrfRefused, false],
    ['UploadedFile', their.UploadedFile.of('f', 'x'), UploadedFile, true],
    ['ParsedForm', their.ParsedForm.of({}), ParsedForm, true],
    ['Session', their.Session.of({}), Session, true],
    ['no object', 'HttpError', ours.HttpError, false],
    ['null', null, ours.ObolError, false],
  ])('knows %s', (_, value, target, expected) => {
    expect(value instanceof target).toBe(expected);
  });
});

describe('what is around handlers', () => {
  @theirs.Controller('/')
  class Library {
    @theirs.Get('/') get() {
      return 'library';
    }
    @theirs.HttpState(404) missing() {
      return 'missing';
    }
  }

  test('a controller is one, with its states', async () => {
    const client = new TestClient(await ours.bootstrap({ controllers: [Library] }));
    expect(await (await client.get('/')).text()).toBe('library');
    expect(await (await client.get('/nowhere')).text()).toBe('missing');
  });

  test.each<[string, MethodDecorator & ClassDecorator, number]>([
    ['a guard of createGuard', theirs.createGuard('No', () => () => theirs.abort(403))(), 403],
    ['a guard of obol/kit', their.createGuard('No', () => () => theirs.abort(403))(), 403],
    ['@GrantAddress', their.GrantAddress('10.0.0.0/8'), 403],
    ['@Groups', their.Groups('admin'), 401],
    ['@CheckFormLogin', their.CheckFormLogin(), 401],
    ['@CheckBasic', their.CheckBasic('Staff', { verify: () => false }), 401],
    ['@Use', theirs.Use(() => new theirs.Response('', { status: 409 })), 409],
    ['@Use, later', theirs.Use(() => Promise.resolve(new theirs.Response('', { status: 409 }))), 409],
  ])('%s is never ignored, on a method or a class', async (_, decorator, status) => {
    @ours.Controller()
    class OnMethod {
      @decorator
      @ours.Get('/')
      get() {
        return 'open';
      }
    }
    @decorator
    @ours.Controller()
    class OnClass {
      @ours.Get('/') get() {
        return 'open';
      }
    }
    const keeper = cookieLogin({ keys: [KEY] });
    const features = [access(() => ({ groups: [] })), formLogin({ users: { verify: () => true }, keeper })];
    for (const controller of [OnMethod, OnClass])
      expect((await ask([controller], { features })).status).toBe(status);
  });

  test('a mistake in a guard is listed as any other', async () => {
    const Broken = theirs.createGuard('Broken', () => {
      throw new theirs.ObolError('E_SETTING', 'no good');
    });
    @ours.Controller()
    class Guarded {
      @Broken()
      @ours.Get('/')
      get() {
        return 1;
      }
    }
    expect(await problemsOf([Guarded])).toMatchObject([
      { code: 'E_SETTING', message: 'The guard @Broken could not be put together: no good' },
    ]);
  });

  test('middleware of the application may answer itself', async () => {
    const middleware: ours.Middleware[] = [() => new theirs.Response('', { status: 409 })];
    expect(
      (
        await ask(
          answering(() => 1),
          { middleware },
        )
      ).status,
    ).toBe(409);
  });

  test('a metadata key finds what one of the same name has recorded', () => {
    const summary = new their.MetadataKey<string>('acme.summary');
    const Summary = (text: string) => summary.decorator(text, Summary);
    @Summary('all')
    class Described {}
    const { MetadataKey } = their;
    expect(new MetadataKey<string>('acme.summary').of({ target: Described })).toEqual(['all']);
  });

  test('a request of their testing is answered, and a context key of theirs keeps its value', async () => {
    const key = new theirs.ContextKey<number>('count');
    const app = await ours.bootstrap({
      controllers: answering((req) => {
        req.set(key, 7);
        return `${String(req.get(key))} ${req.args.getFirst('a') ?? ''}`;
      }),
    });
    const response = await app.handle(their.request('/?a=b'));
    expect(response.body).toBe('7 b');
  });

  test('an application of theirs answers below a mount of ours', async () => {
    const inner = await theirs.bootstrap({ controllers: [Library] });
    const app = await ours.bootstrap({
      controllers: answering(() => 'outer'),
      middleware: [mount('/inner', inner)],
    });
    const client = new TestClient(app);
    expect(await (await client.get('/inner/')).text()).toBe('library');
    expect((await client.get('/inner/x')).status).toBe(404);
  });

  test.each<[string, object]>([
    ['form', { form: { f: their.UploadedFile.of('f', 'abc', { filename: 'a.txt' }) } }],
    ['files', { files: { f: their.UploadedFile.of('f', 'abc', { filename: 'a.txt' }) } }],
    [
      'a whole form',
      { form: their.ParsedForm.of({}, [their.UploadedFile.of('f', 'abc', { filename: 'a.txt' })]) },
    ],
    [
      'a form of ours',
      { form: ParsedForm.of({}, [their.UploadedFile.of('f', 'abc', { filename: 'a.txt' })]) },
    ],
  ])('a test client sends files of theirs as %s', async (_, init) => {
    @ours.Controller()
    class Upload {
      @ours.Post('/') post(req: ours.Request) {
        return req.form.files.map(({ name, filename, length }) => [name, filename, length]);
      }
    }
    const response = await new TestClient(await ours.bootstrap({ controllers: [Upload] })).post('/', init);
    expect(await response.json()).toEqual([['f', 'a.txt', 3]]);
  });

  test('a test client of theirs asks an application of ours', async () => {
    const app = await ours.bootstrap({ controllers: answering(() => ours.reply('x', { status: 201 })) });
    const response = await new their.TestClient(app).get('/');
    expect([response.status, await response.text()]).toEqual([201, 'x']);
  });

  test('a base handler, a hook and a default handler may be theirs', async () => {
    class Base extends their.BaseHandler {
      doGET() {
        return 'base';
      }
    }
    @theirs.Controller()
    class Around {
      @theirs.BeforeResponse() before(req: ours.Request) {
        if (req.path === '/no') theirs.abort(403);
      }
      @theirs.AfterResponse() after(_req: ours.Request, response: ours.Response) {
        return response.with({ body: `${response.body as string}, after` });
      }
      @theirs.Default() rest(req: ours.Request) {
        return new Base().handle(req);
      }
    }
    const client = new TestClient(await ours.bootstrap({ controllers: [Around] }));
    expect(await (await client.get('/')).text()).toBe('base, after');
    expect((await client.get('/no')).status).toBe(403);
  });

  test('filters of the application are known to urlFor of either copy', async () => {
    @theirs.Controller()
    class Coins {
      @theirs.Get('/<coin:coin>' as '/<coin>') get(_req: ours.Request, coin: string) {
        return theirs.urlFor(Coins, 'get', coin);
      }
    }
    const filters = { coin: { pattern: 'obol|drachma' } } as never;
    const client = new TestClient(await ours.bootstrap({ controllers: [Coins], filters }));
    expect(await (await client.get('/obol')).text()).toBe('/obol');
  });

  test('urlFor takes a request of either copy', () => {
    expect(theirs.urlFor(request('/x'), Library, 'get')).toBe('/');
    expect(ours.urlFor(their.request('/x'), Library, 'get')).toBe('/');
  });
});

describe('tokens', () => {
  @ours.Controller()
  class Counter {
    constructor(
      @inject(their.Session) readonly session: Session<{ count: number }>,
      @inject(theirs.Request) readonly request: ours.Request,
    ) {}
    @ours.Get('/') get() {
      const count = (this.session.get('count') ?? 0) + 1;
      this.session.set('count', count);
      return `${String(count)} ${this.request.path}`;
    }
  }

  test.each([
    ['sessions() of ours', sessions],
    ['sessions() of theirs', their.sessions],
  ])('Session and Request of another copy are what %s give', async (_, make) => {
    const app = await ours.bootstrap({ controllers: [Counter], features: [make({ keys: [KEY] })] });
    const client = new TestClient(app);
    await client.get('/');
    expect(await (await client.get('/')).text()).toBe('2 /');
  });

  test('the same feature of both copies is there twice', async () => {
    const features = [sessions({ keys: [KEY] }), their.sessions({ keys: [KEY] })];
    expect(await problemsOf([Counter], { features })).toMatchObject([{ code: 'E_FEATURE' }]);
  });

  test('a token of csrf() is found by csrfToken() of theirs', async () => {
    const response = await ask(
      answering((req) => their.csrfToken(req)),
      { middleware: [csrf({ key: KEY })] },
    );
    expect(await response.text()).toMatch(/^[\w-]{86}$/);
  });
});

describe('another major version', () => {
  const copies =
    (globalThis as unknown as Record<symbol, { version: string; place: string }[]>)[COPIES] ?? [];
  const own = copies.length;

  afterEach(() => {
    copies.length = own;
  });

  test('copies that are loaded anew from the same folder are one', () => {
    expect(copies).toEqual([{ version: VERSION, place: resolve(import.meta.dirname, '../..') }]);
  });

  test('is refused, and the folders of both are named', async () => {
    copies.push({ version: '7.0.1', place: '/app/node_modules/acme/node_modules/obol' });
    const [problem, ...others] = await problemsOf(answering(() => 1));
    expect(others).toEqual([]);
    expect(problem).toEqual({
      code: 'E_COPIES',
      message:
        `Obol 7.0.1 of /app/node_modules/acme/node_modules/obol is loaded beside Obol ${VERSION} of ` +
        `${copies[0]?.place ?? ''}: guards, routes and values of one are nothing to the other. ` +
        'Bring both packages to one major version; npm ls obol shows who asks for which.',
    });
  });

  test.each(['0.1.0', '0.9.3', `${VERSION}-beta.1`])('%s is no other major', async (version) => {
    copies.push({ version, place: '/elsewhere/obol' });
    expect((await ask(answering(() => 'x'))).status).toBe(200);
  });
});

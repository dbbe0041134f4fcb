/** Handlers in transactions: when they are begun, kept and undone, and what of it the client sees. */
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  DECLINED,
  Default,
  Get,
  HttpError,
  Injectable,
  Post,
  redirect,
  reply,
  Response,
  Use,
  type Contract,
  type Request,
  type Valid,
} from 'obol';
import { include, mount } from 'obol/composition';
import { createGuard } from 'obol/kit';
import { request } from 'obol/testing';
import {
  betterSqlite3,
  postgres,
  Transaction,
  Transactional,
  transactions,
  type BeginOptions,
  type PostgresClient,
  type TransactionSource,
} from 'obol/transactions';
import { z } from 'zod';
import { start } from '../../support/client.js';
import { developerError, httpError } from '../../support/errors.js';
import { deferred } from '../../support/serve.js';
import { problemsOf } from '../../support/problems.js';

type Connection = string;

/** A source that remembers what it was asked for, and fails where a test says so. */
class RecordingSource implements TransactionSource<Connection> {
  readonly log: string[] = [];
  readonly failing = new Map<string, unknown>();
  readonly isLater: boolean;
  options: BeginOptions | undefined;
  discard?: (connection: Connection) => void;
  #count = 0;

  constructor(isLater = false, canDiscard = true) {
    this.isLater = isLater;
    if (canDiscard)
      this.discard = () => {
        this.#note('discard');
      };
  }

  begin(options: BeginOptions): Connection | Promise<Connection> {
    this.options = options;
    const connection = `c${String(++this.#count)}`;
    return this.#done('begin', connection);
  }
  commit(): unknown {
    return this.#done('commit', undefined);
  }
  rollback(): unknown {
    return this.#done('rollback', undefined);
  }
  release(): void {
    this.#note('release');
  }
  statusOf(error: unknown): 409 | 503 | undefined {
    const { code } = error as { readonly code?: string };
    return code === 'BUSY' ? 503 : code === 'UNIQUE' ? 409 : undefined;
  }

  #done<T>(step: string, value: T): T | Promise<T> {
    if (!this.isLater) return (this.#note(step), value);
    return Promise.resolve().then(() => (this.#note(step), value));
  }

  #note(step: string): void {
    this.log.push(step);
    const error = this.failing.get(step);
    if (error !== undefined) throw error as Error;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const coded = (code: string): Error => Object.assign(new Error(code), { code });
const events: string[] = [];
/** For handlers that take longer than they may, whatever that is. */
let goOn = deferred();

const CONTRACT = {
  body: z.object({ a: z.number() }),
  returns: z.object({ a: z.number() }),
} satisfies Contract;
const Checked = createGuard('Checked', () => (req) => {
  events.push('guard');
  if (req.headers.has('x-refused')) abort(403);
});

@Controller('/', Transaction)
class WorkController {
  constructor(private readonly transaction: Transaction<Connection>) {}

  @Get('/ok') @Transactional() ok() {
    return this.transaction.connection;
  }
  @Get('/ok-later') @Transactional() async okLater() {
    await turn();
    return this.transaction.connection;
  }
  @Get('/none') none() {
    return { isOpen: this.transaction.isOpen };
  }
  @Get('/throws') @Transactional() throws() {
    this.transaction.onCommit(() => events.push('committed'));
    this.transaction.onRollback(() => events.push('rolled back'));
    throw new RangeError('no');
  }
  @Get('/throws-later') @Transactional() async throwsLater() {
    await turn();
    throw new RangeError('no');
  }
  @Get('/aborts') @Transactional() aborts() {
    abort(409);
  }
  @Get('/redirects') @Transactional() redirects() {
    redirect('/ok');
  }
  @Get('/redirects-later') @Transactional() async redirectsLater() {
    await turn();
    redirect('/ok');
  }
  @Get('/aborts-with/<code:int>') @Transactional() abortsWith(_: Request, code: number) {
    abort(new Response('x', { status: code }));
  }
  @Get('/status/<code:int>') @Transactional() status(_: Request, code: number) {
    return reply('x', { status: code });
  }
  @Get('/declined') @Transactional() declined() {
    return DECLINED;
  }
  @Get('/busy') @Transactional() busy() {
    throw coded('BUSY');
  }
  @Get('/unique') @Transactional() unique() {
    throw coded('UNIQUE');
  }
  @Get('/callbacks') @Transactional() callbacks() {
    this.transaction.onCommit(() => events.push('committed'));
    this.transaction.onCommit(() => {
      throw new RangeError('in a callback');
    });
    this.transaction.onCommit(async () => {
      await turn();
      throw new RangeError('in a callback, later');
    });
    this.transaction.onCommit(() => events.push('committed too'));
    this.transaction.onRollback(() => events.push('rolled back'));
    return 'done';
  }
  @Get('/stream') @Transactional() *stream() {
    yield `${String(this.transaction.isOpen)}\n`;
    yield `${String(this.transaction.isOpen)}\n`;
  }
  @Get('/stream-fails') @Transactional() async *streamFails() {
    await turn();
    if (Date.now() > 0) throw new RangeError('before the first chunk');
    yield 'never';
  }
  @Get('/gone') @Transactional({ timeout: 0 }) async gone(req: Request) {
    events.push('waits');
    await new Promise((resolve) => {
      req.signal.addEventListener('abort', resolve);
    });
    await turn();
    events.push('goes on');
    return 'done';
  }
  @Get('/slow') @Transactional({ timeout: 1 }) async slow() {
    await goOn.promise;
    events.push('handler ends');
    return 'late';
  }
  @Get('/slow-throws') @Transactional({ timeout: 1 }) async slowThrows() {
    await goOn.promise;
    events.push('handler ends');
    throw new RangeError('late');
  }
  @Get('/serializable') @Transactional({ isolation: 'serializable', readOnly: true }) serializable() {
    return 'x';
  }
  @Post('/contract', CONTRACT)
  @Checked()
  @Transactional()
  contract(_: Request, { body }: Valid<typeof CONTRACT>) {
    events.push(`handler of ${this.transaction.connection}`);
    return (body.a < 0 ? { a: 'x' } : { a: body.a }) as { a: number };
  }
  @Get('/include') @Transactional() async include(req: Request) {
    const parts = await Promise.all(['/ok', '/ok-later', '/ok'].map(async (path) => include(req, path)));
    return Promise.all(parts.map((part) => part.text()));
  }
  @Get('/include/<path:path>') @Transactional() async includeOf(req: Request, path: string) {
    const part = await include(req, `/${path}`);
    return { status: part.status };
  }
  @Get('/reads/<path:path>') @Transactional({ readOnly: true }) async reads(req: Request, path: string) {
    const part = await include(req, `/${path}`);
    return { status: part.status };
  }
  @Get('/beside') async beside(req: Request) {
    const parts = await Promise.all([include(req, '/ok-later'), include(req, '/throws-later')]);
    return parts.map((part) => part.status);
  }
}

async function application(source = new RecordingSource(), options = {}) {
  events.length = 0;
  goOn = deferred();
  const feature = transactions<Connection>(source, options);
  const started = await start(WorkController, { features: [feature] });
  return { ...started, source, feature };
}

describe.each([
  ['that answers at once', false],
  ['that answers later', true],
])('With a database %s', (_, isLater) => {
  test.each([
    ['/ok', 200, ['begin', 'commit', 'release']],
    ['/ok-later', 200, ['begin', 'commit', 'release']],
    ['/stream', 200, ['begin', 'commit', 'release']],
    ['/status/201', 201, ['begin', 'commit', 'release']],
    ['/status/303', 303, ['begin', 'commit', 'release']],
    ['/status/399', 399, ['begin', 'commit', 'release']],
    ['/status/400', 400, ['begin', 'rollback', 'release']],
    ['/status/422', 422, ['begin', 'rollback', 'release']],
    ['/status/500', 500, ['begin', 'rollback', 'release']],
    ['/aborts', 409, ['begin', 'rollback', 'release']],
    ['/aborts-with/200', 200, ['begin', 'commit', 'release']],
    ['/aborts-with/409', 409, ['begin', 'rollback', 'release']],
    ['/redirects', 302, ['begin', 'commit', 'release']],
    ['/redirects-later', 302, ['begin', 'commit', 'release']],
    ['/throws', 500, ['begin', 'rollback', 'release']],
    ['/throws-later', 500, ['begin', 'rollback', 'release']],
    ['/stream-fails', 500, ['begin', 'rollback', 'release']],
    ['/unique', 500, ['begin', 'rollback', 'release']],
    ['/busy', 503, ['begin', 'rollback', 'release']],
    ['/none', 200, []],
  ])('%s answers %i by %j', async (path, status, log) => {
    const { client, source } = await application(new RecordingSource(isLater));
    const response = await client.get(path);
    expect([response.status, source.log]).toEqual([status, log]);
  });

  test.each([
    ['begin', undefined, 500, ['begin']],
    ['begin', 'BUSY', 503, ['begin']],
    ['begin', 'UNIQUE', 409, ['begin']],
    ['commit', undefined, 500, ['begin', 'commit', 'rollback', 'release']],
    ['commit', 'BUSY', 503, ['begin', 'commit', 'rollback', 'release']],
    ['commit', 'UNIQUE', 409, ['begin', 'commit', 'rollback', 'release']],
  ])('where %s fails (%s), the answer is %i', async (step, code, status, log) => {
    const { client, source, logger } = await application(new RecordingSource(isLater));
    source.failing.set(step, coded(code ?? 'other'));
    for (const path of ['/ok', '/ok-later', '/stream']) {
      const response = await client.get(path);
      expect([response.status, source.log.splice(0)]).toEqual([status, log]);
      expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : undefined);
    }
    const { errors, warnings } = logger;
    expect([errors.length, warnings.length]).toEqual(
      status === 500 ? [3, 0] : [0, status === 409 ? 0 : step === 'begin' ? 1 : 3],
    );
  });

  test('an error of a handler that passes is a warning, and the client may come again', async () => {
    const { client, logger } = await application(new RecordingSource(isLater));
    const response = await client.get('/busy');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(logger.warnings.map((line) => line.split(' | ')[0])).toEqual([
      'A transaction could not be kept; 503 sent: Error: BUSY',
    ]);
  });

  test('an outage is one warning, and another when it is over', async () => {
    const { client, source, logger } = await application(new RecordingSource(isLater));
    source.failing.set('begin', coded('BUSY'));
    for (let count = 0; count < 3; count++) await client.get('/ok');
    source.failing.clear();
    for (let count = 0; count < 3; count++) await client.get('/ok');
    expect(logger.warnings).toEqual([
      'The database cannot be reached; requests for it are answered 503: BUSY',
      'The database can be reached again',
    ]);
  });

  test('a rollback that fails is logged, and the connection is discarded', async () => {
    const { client, source, logger } = await application(new RecordingSource(isLater));
    source.failing.set('rollback', new Error('broken'));
    expect((await client.get('/status/400')).status).toBe(400);
    expect((await client.get('/throws')).status).toBe(500);
    expect(source.log).toEqual(['begin', 'rollback', 'discard', 'begin', 'rollback', 'discard']);
    expect(logger.errors.filter((line) => line.includes('could not be rolled back'))).toHaveLength(2);
  });

  test('a commit that fails, and then the rollback, discards the connection', async () => {
    const { client, source } = await application(new RecordingSource(isLater));
    source.failing.set('commit', new Error('broken')).set('rollback', new Error('broken'));
    expect((await client.get('/ok')).status).toBe(500);
    expect(source.log).toEqual(['begin', 'commit', 'rollback', 'discard']);
  });

  test('what joins is one with the outer one, and its parts beside each other too', async () => {
    const { client, source } = await application(new RecordingSource(isLater));
    expect(await (await client.get('/include')).json()).toEqual(['c1', 'c1', 'c1']);
    expect(source.log).toEqual(['begin', 'commit', 'release']);
  });
});

describe('A transaction', () => {
  test('is begun when guards have passed and the body is read, and kept only where the answer is as its contract says', async () => {
    const { client, source } = await application();
    const post = async (body: unknown, headers: Record<string, string> = {}) => {
      const { status } = await client.post('/contract', { json: body, headers });
      return [status, ...source.log.splice(0)];
    };
    expect(await post({ a: 1 })).toEqual([200, 'begin', 'commit', 'release']);
    expect(await post({ a: 'x' })).toEqual([422, ...[]]);
    expect(await post({ a: 1 }, { 'X-Refused': '1' })).toEqual([403]);
    expect(await post({ a: -1 })).toEqual([500, 'begin', 'rollback', 'release']);
    expect(events).toEqual(['guard', 'handler of c1', 'guard', 'guard', 'guard', 'handler of c2']);
  });

  test('leaves a synchronous handler synchronous', async () => {
    const { app } = await application();
    expect(app.handle(request('/ok'))).toBeInstanceOf(Response);
  });

  test('is rolled back where the connection is closed without an answer', async () => {
    const { client, source } = await application();
    await expect(client.get('/declined')).rejects.toThrow('closed without an answer');
    expect(source.log).toEqual(['begin', 'rollback', 'release']);
  });

  test('is over before the second chunk of a stream', async () => {
    const { client } = await application();
    expect(await (await client.get('/stream')).text()).toBe('true\nfalse\n');
  });

  test('is rolled back when the client has left, as soon as the handler has ended', async () => {
    const { client, source } = await application(new RecordingSource(true));
    const leaving = new AbortController();
    const answer = client.get('/gone', { signal: leaving.signal });
    while (events.length === 0) await turn();
    leaving.abort();
    await expect(answer).rejects.toThrow();
    expect(source.log).toEqual(['begin']);
    while (source.log.length < 3) await turn();
    expect(events).toEqual(['waits', 'goes on']);
    expect(source.log).toEqual(['begin', 'rollback', 'release']);
  });

  test('is not begun for a client that has left already', async () => {
    const { app, source } = await application();
    const gone = request('/ok');
    Object.defineProperty(gone, 'signal', {
      value: AbortSignal.abort(new HttpError(499, 'The client left')),
    });
    expect((await app.handle(gone)).status).toBe(499);
    expect(source.log).toEqual([]);
  });

  test.each(['/slow', '/slow-throws'])(
    'that takes too long answers 503, and its connection is discarded: %s',
    async (path) => {
      const { client, source } = await application();
      const response = await client.get(path);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect([source.log, events]).toEqual([['begin', 'discard'], []]);
      goOn.resolve();
      while (events.length === 0) await turn();
      await turn();
      expect(source.log).toEqual(['begin', 'discard']);
    },
  );

  test.each(['/slow', '/slow-throws'])(
    'that takes too long keeps a connection that cannot be discarded until the handler ends: %s',
    async (path) => {
      const { client, source } = await application(new RecordingSource(false, false));
      expect((await client.get(path)).status).toBe(503);
      expect(source.log).toEqual(['begin']);
      goOn.resolve();
      while (source.log.length < 3) await turn();
      expect([events, source.log]).toEqual([['handler ends'], ['begin', 'rollback', 'release']]);
    },
  );

  test('is begun with what stands at the handler, else with what the feature was given', async () => {
    const { client, source } = await application(new RecordingSource(), { isolation: 'repeatable read' });
    await client.get('/serializable');
    expect(source.options).toMatchObject({ isolation: 'serializable', readOnly: true });
    await client.get('/ok');
    expect(source.options).toMatchObject({ isolation: 'repeatable read', readOnly: false });
  });
});

test.each([
  [['commit', 'rollback'], '/ok', 503, ['begin', 'commit', 'rollback', 'discard']],
  [['commit'], '/ok', 503, ['begin', 'commit', 'rollback', 'release']],
  [['rollback'], '/status/400', 400, ['begin', 'rollback', 'discard']],
])('a database that does not answer %j is not waited for for ever', async (silent, path, status, log) => {
  class Silent extends RecordingSource {
    override commit(): unknown {
      return this.#answer('commit', super.commit());
    }
    override rollback(): unknown {
      return this.#answer('rollback', super.rollback());
    }
    #answer(step: string, done: unknown): unknown {
      return silent.includes(step) ? new Promise(() => undefined) : done;
    }
  }
  const { client, source } = await application(new Silent(), { timeout: 5 });
  expect([(await client.get(path)).status, source.log]).toEqual([status, log]);
});

test.each(['connect', 'query'])(
  'a PostgreSQL that does not answer %s() is not waited for for ever',
  async (silent) => {
    const released: unknown[] = [];
    const silence = deferred<never>();
    const client: PostgresClient = {
      query: () => (silent === 'query' ? silence.promise : Promise.resolve({})),
      release: (destroy) => released.push(destroy),
      on: () => undefined,
      off: () => undefined,
    };
    const connected = deferred<PostgresClient>();
    if (silent === 'query') connected.resolve(client);
    const feature = transactions(postgres({ connect: () => connected.promise }), { timeout: 5 });
    await expect(feature.run(() => 'never')).rejects.toThrow(
      httpError(503, 'The database is busy; come again'),
    );
    connected.resolve(client);
    await turn();
    expect(released).toEqual([silent === 'query' ? true : undefined]);
  },
);

describe('A transaction that waits for its turn', () => {
  const held = deferred();
  class Busy extends RecordingSource {
    override begin({ signal }: BeginOptions): Promise<Connection> {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          this.log.push('gave up');
          reject(signal.reason as Error);
        });
        held.resolve();
      });
    }
  }

  test('is not waited for longer than it may take', async () => {
    const { client, source, logger } = await application(new Busy());
    const answer = await client.get('/slow');
    expect([answer.status, answer.headers.get('retry-after'), source.log]).toEqual([503, '1', ['gave up']]);
    expect([logger.errors, logger.warnings]).toEqual([[], []]);
  });

  test('is not waited for when the client has left', async () => {
    const { app, source } = await application(new Busy());
    const leaving = new AbortController();
    const asked = request('/ok');
    Object.defineProperty(asked, 'signal', { value: leaving.signal });
    const answer = app.handle(asked);
    await held.promise;
    leaving.abort(new HttpError(499, 'The client left'));
    expect([(await answer).status, source.log]).toEqual([499, ['gave up']]);
  });
});

describe('Callbacks', () => {
  test('for a commit run after it in their order; what they throw is logged and changes nothing', async () => {
    const { client, source, logger } = await application();
    source.failing.set('none', 0);
    const response = await client.get('/callbacks');
    await turn();
    await turn();
    expect([response.status, events]).toEqual([200, ['committed', 'committed too']]);
    expect(logger.errors.map((line) => line.split(' | ')[0])).toEqual([
      'A callback for the end of a transaction failed: RangeError: in a callback',
      'A callback for the end of a transaction failed: RangeError: in a callback, later',
    ]);
  });

  test('for a commit do not run where nothing was kept, and those for a rollback do', async () => {
    const { client, source } = await application();
    await client.get('/throws');
    expect(events).toEqual(['rolled back']);
    events.length = 0;
    source.failing.set('commit', new Error('broken'));
    await client.get('/callbacks');
    expect(events).toEqual(['rolled back']);
  });
});

describe('What joins a transaction', () => {
  test.each([
    ['/include/ok', 200, 'commit'],
    ['/include/status/404', 500, 'rollback'],
    ['/include/throws', 500, 'rollback'],
    ['/include/throws-later', 500, 'rollback'],
  ])('takes it along: %s', async (path, status, end) => {
    const { client, source } = await application();
    expect((await client.get(path)).status).toBe(status);
    expect(source.log).toEqual(['begin', end, 'release']);
  });

  test('makes an answer an error that says all went well when nothing was kept', async () => {
    const { client, logger } = await application();
    await client.get('/include/status/404');
    expect(logger.errors[0]).toContain(
      'The transaction was rolled back, since a part of it has failed, but the handler answers as if it had been kept.',
    );
  });

  test('does no harm where nothing was to be kept', async () => {
    const { client, source } = await application();
    expect(await (await client.get('/reads/status/404')).json()).toEqual({ status: 404 });
    expect(source.log).toEqual(['begin', 'rollback', 'release']);
  });

  test('and comes beside another shares its fate', async () => {
    const { client, source } = await application();
    expect(await (await client.get('/beside')).json()).toContain(500);
    expect(source.log).toEqual(['begin', 'rollback', 'release']);
  });

  test('cannot be more isolated than it', async () => {
    const { client, logger } = await application();
    expect(await (await client.get('/include/serializable')).json()).toEqual({ status: 500 });
    expect(logger.errors[0]).toContain(
      'A transaction is under way with the isolation of the database, and cannot become "serializable": ask for that where it begins.',
    );
  });

  test('may be in an application that is mounted in another with the same database', async () => {
    const source = new RecordingSource();
    const inner = await bootstrap({ controllers: [WorkController], features: [transactions(source)] });
    @Controller()
    class OuterController {
      @Get('/outer') @Transactional() outer(req: Request) {
        return inner.handle(Object.assign(req.below(), { target: '/ok' }));
      }
      @Default() @Transactional() rest(req: Request) {
        return mount('/in', inner)(req);
      }
    }
    const { client } = await start(OuterController, { features: [transactions(source)] });
    expect(await (await client.get('/in/ok')).text()).toBe('c1');
    expect(source.log).toEqual(['begin', 'commit', 'release']);
  });
});

describe('@Transactional()', () => {
  const source = new RecordingSource();
  const feature = transactions<Connection>(source);

  @Injectable()
  class Accounts {
    connection() {
      return feature.of().connection;
    }
  }

  @Controller('/c', Accounts)
  @Transactional({ isolation: 'serializable' })
  class WholeController {
    constructor(private readonly accounts: Accounts) {}
    @Get('/all') all(req: Request) {
      expect(feature.of(req)).toBe(feature.of());
      return this.accounts.connection();
    }
    @Get('/other') @Transactional({ readOnly: true }) other() {
      return 'x';
    }
    @Get('/without') @Transactional(false) without() {
      return String(feature.of().isOpen);
    }
    @Get('/wrapped')
    @Use((req, next) => {
      expect(feature.of(req).isOpen).toBe(false);
      return next(req);
    })
    wrapped() {
      return String(feature.of().isOpen);
    }
  }

  test('on a class stands for all of its handlers, unless they say otherwise', async () => {
    const { client } = await start(WholeController, { features: [feature] });
    expect(await (await client.get('/c/all')).text()).toMatch(/^c\d$/);
    expect(source.options).toMatchObject({ isolation: 'serializable', readOnly: false });
    await client.get('/c/other');
    expect(source.options).toMatchObject({ isolation: undefined, readOnly: true });
    source.log.length = 0;
    expect(await (await client.get('/c/without')).text()).toBe('false');
    expect(source.log).toEqual([]);
    expect(await (await client.get('/c/wrapped')).text()).toBe('true');
  });

  test('needs the feature', async () => {
    expect(await problemsOf([WholeController])).toMatchObject(
      Array.from({ length: 3 }, () => ({
        code: 'E_TRANSACTION',
        message:
          '@Transactional could not be put together: the application has no transactions(...) among its features: add that with ' +
          'your database.',
      })),
    );
  });

  test('refuses wrong options with their place', async () => {
    @Controller()
    class WrongController {
      @Get('/') @Transactional({ isolation: 'snapshot' as never, timeOut: 1 } as object) show() {
        return '';
      }
    }
    const [problem] = await problemsOf([WrongController], {
      features: [transactions(new RecordingSource())],
    });
    expect(problem).toMatchObject({ code: 'E_SETTING', member: 'WrongController.show' });
    expect(problem?.message).toContain('@Transactional.isolation: "snapshot" is not "read uncommitted" or');
    expect(problem?.message).toContain('@Transactional.timeOut: there is no such option.');
  });

  test('without parentheses, or where it has no effect, is a mistake', async () => {
    expect(() => {
      @Controller()
      class BareController {
        @(Transactional as unknown as MethodDecorator) show() {
          return '';
        }
      }
      return BareController;
    }).toThrow(expect.objectContaining({ code: 'E_DECORATOR' }));
  });

  test('does nothing to a handler that a test calls alone', () => {
    const controller = new WorkController(Transaction.of('fake'));
    expect(controller.ok()).toBe('fake');
    expect(controller.callbacks()).toBe('done');
    expect(new WorkController(Transaction.of('fake')).none()).toEqual({ isOpen: true });
  });
});

describe('run()', () => {
  test('does something in a transaction of its own, outside of requests', async () => {
    const source = new RecordingSource();
    const feature = transactions<Connection>(source);
    expect(feature.run((connection, transaction) => [connection, transaction.isOpen])).toEqual(['c1', true]);
    expect(() =>
      feature.run(() => {
        throw new RangeError('no');
      }),
    ).toThrow('no');
    await expect(feature.run(() => Promise.reject(new RangeError('later')))).rejects.toThrow('later');
    expect(source.log.join(' ')).toBe('begin commit release begin rollback release begin rollback release');
  });

  test('joins the transaction of the request, and has one of its own behind its end', async () => {
    const source = new RecordingSource();
    const feature = transactions<Connection>(source);
    @Controller()
    class RunController {
      @Get('/') @Transactional() *show() {
        for (let part = 0; part < 3; part++) yield feature.run((connection) => `${connection} `) as string;
      }
    }
    const { client } = await start(RunController, { features: [feature] });
    expect(await (await client.get('/')).text()).toBe('c1 c2 c3 ');
    expect(source.log).toEqual(Array.from({ length: 3 }, () => ['begin', 'commit', 'release']).flat());
  });

  test('leaves nothing behind at a long request', async () => {
    const feature = transactions<Connection>(new RecordingSource(true));
    let listeners: number[] = [];
    @Controller()
    class LongController {
      @Get('/') async show({ signal }: Request) {
        const before = getEventListeners(signal, 'abort').length;
        for (let part = 0; part < 20; part++) await feature.run(() => part);
        listeners = [before, getEventListeners(signal, 'abort').length];
      }
    }
    const { client } = await start(LongController, { features: [feature] });
    await client.get('/');
    expect(listeners).toEqual([0, 1]);
  });

  test('outside of requests is found by what it calls, which joins it', async () => {
    const source = new RecordingSource(true);
    const feature = transactions<Connection>(source);
    const over = deferred();
    let late: Promise<unknown> | undefined;
    const service = (): Connection => feature.of().connection;
    const job = feature.run(async () => {
      late = over.promise.then(() => feature.run(async () => turn().then(service)));
      return [service(), await feature.run(async () => turn().then(service))];
    });
    expect(await job).toEqual(['c1', 'c1']);
    over.resolve();
    expect(await late).toBe('c2');
    await Promise.all([feature.run(turn), feature.run(turn)]);
    expect(source.log.filter((step) => step === 'begin')).toHaveLength(4);
    await expect(feature.run(() => feature.run(() => Promise.reject(new RangeError('no'))))).rejects.toThrow(
      'no',
    );
    expect(service).toThrow(expect.objectContaining({ code: 'E_REQUEST_LOCAL' }));
  });

  test('shows the errors of the database as handlers do, and refuses wrong options', () => {
    const source = new RecordingSource();
    source.failing.set('commit', coded('UNIQUE'));
    const feature = transactions<Connection>(source);
    expect(() => feature.run(() => 1)).toThrow(httpError(409, 'The change conflicts with what is stored'));
    expect(() => feature.run(() => 1, { readonly: true } as object)).toThrow(
      developerError(
        'E_SETTING',
        'transactions.run.readonly: there is no such option. Did you mean "readOnly"?',
      ),
    );
  });
});

describe('A mistake', () => {
  test('is the use of a transaction where none is under way', async () => {
    const { client, logger } = await application();
    @Controller('/', Transaction)
    class OutsideController {
      constructor(private readonly transaction: Transaction<Connection>) {}
      @Get('/') show() {
        return this.transaction.connection;
      }
      @Get('/callback') callback() {
        this.transaction.onCommit(() => undefined);
      }
    }
    const { client: outside, logger: log } = await start(OutsideController, {
      features: [transactions(new RecordingSource())],
    });
    for (const path of ['/', '/callback']) {
      expect((await outside.get(path)).status).toBe(500);
      expect(log.errors.at(-1)).toContain('E_TRANSACTION');
      expect(log.errors.at(-1)).toContain(
        'No transaction is under way: the handler has no @Transactional(), or it has been',
      );
    }
    await client.get('/none');
    expect(logger.errors).toEqual([]);
  });

  test.each([
    [undefined, 'undefined'],
    [{}, '{}'],
    [{ begin: 1 }, '[Object]|{ begin: 1 }'],
    ['app.db', "'app.db'"],
  ])('is the source %p', (source, shown) => {
    expect(() => transactions(source as never)).toThrow(
      expect.objectContaining({
        code: 'E_SETTING',
        message: expect.stringContaining(shown.split('|').at(-1) ?? ''),
      }),
    );
  });

  test.each([[undefined], [5], [{}]])('is what is to be called, and is %p', (given) => {
    const feature = transactions<Connection>(new RecordingSource());
    const callback = given as never;
    const shown = inspect(given);
    const wrong = (taker: string): object =>
      developerError('E_TRANSACTION', `${taker}() takes a function, not ${shown}: ${taker}(() => ...).`);
    expect(() => feature.run(callback)).toThrow(wrong('transactions.run'));
    for (const taker of ['onCommit', 'onRollback'] as const)
      expect(() => {
        Transaction.of('c')[taker](callback);
      }).toThrow(wrong(taker));
  });

  test.each([
    [undefined],
    [null],
    [{}],
    ['app.db'],
    [{ exec: () => undefined }],
    [{ connect: () => undefined, escapeLiteral: () => '' }],
  ])('is no database: %p', (given) => {
    expect(() => betterSqlite3(given as never)).toThrow('give it a Database of the package better-sqlite3');
    expect(() => postgres(given as never)).toThrow(
      'postgres: give it a Pool of the package pg: postgres(new Pool()).',
    );
  });

  test('is a second database in one application', async () => {
    const features = [transactions(new RecordingSource()), transactions(new RecordingSource())];
    const [problem] = await problemsOf([WorkController], { features });
    expect(problem?.code).toBe('E_FEATURE');
  });

  test('is a controller that takes a transaction of an application without any', async () => {
    const problems = await problemsOf([WorkController]);
    expect(problems.map(({ message }) => message).join()).toContain('transactions(...)');
  });

  test('of giving a connection back is logged', async () => {
    const { client, source, logger } = await application();
    source.failing.set('release', new Error('broken'));
    expect((await client.get('/ok')).status).toBe(200);
    expect(logger.errors[0]).toContain('The connection of a transaction could not be given back');
  });
});

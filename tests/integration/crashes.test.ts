/** Handlers that fail in every way there is: the client gets 500 or a cut connection, and the server lives on. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  HttpError,
  METHOD_ALL,
  Default,
  Response,
  TextResponse,
  type Handler,
  type Request,
  type RunningServer,
} from 'obol';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { serve, type Served } from '../support/serve.js';

/** What a handler does, for handlers that JavaScript would let one write. */
type Anything = (req: Request) => unknown;

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const hostile = {
  toString() {
    throw new Error('no text');
  },
};
const failures: [string, Anything][] = [
  ['throws an error', () => fail(new Error('broken'))],
  ['throws a string', () => fail('broken')],
  ['throws null', () => fail(null)],
  ['throws undefined', () => fail(undefined)],
  ['throws a number', () => fail(7)],
  ['throws a symbol', () => fail(Symbol('broken'))],
  ['throws an object without prototype', () => fail(Object.create(null))],
  ['throws an object that has no text', () => fail(hostile)],
  ['throws an error without a stack', () => fail(Object.assign(new Error('broken'), { stack: undefined }))],
  ['throws a frozen error', () => fail(Object.freeze(new Error('broken')))],
  ['throws an error with itself as cause', () => fail(ownCause())],
  ['throws an error that would forge a line of the log', () => fail(new Error('broken\nGET / 200'))],
  ['overflows the stack', () => overflow()],
  ['rejects', () => Promise.reject(new Error('broken'))],
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what is tested
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['rejects late', () => nextTick().then(() => fail(new Error('broken')))],
  ['rejects after the body', async (req) => (await req.readBytes(), fail(new Error('broken')))],
  ['returns a thenable that throws', () => ({ then: () => fail(new Error('broken')) })],
  [
    'returns a thenable that rejects',
    () => ({
      then: (_: unknown, no: (e: unknown) => void) => {
        no(new Error('x'));
      },
    }),
  ],
  ['returns a function', () => () => 'x'],
  ['returns a symbol', () => Symbol('x')],
  ['returns a big integer', () => 10n],
  ['returns a map', () => new Map()],
  ['returns an error', () => new Error('x')],
  ['returns an object that contains itself', () => ownMember()],
  ['returns a promise of a function', async () => () => 'x'],
];

function fail(thrown: unknown): never {
  throw thrown;
}

function overflow(): number {
  return overflow() + 1;
}

function ownCause(): Error {
  const error = new Error('broken');
  error.cause = error;
  return error;
}

function ownMember(): object {
  const object: Record<string, unknown> = {};
  object['self'] = object;
  return object;
}

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

beforeAll(() => {
  process.on('unhandledRejection', onUnhandled).on('uncaughtExceptionMonitor', onUnhandled);
});

afterAll(() => {
  process.off('unhandledRejection', onUnhandled).off('uncaughtExceptionMonitor', onUnhandled);
  expect(unhandled).toEqual([]);
});

describe('a controller that', () => {
  const logger = collectingLogger();
  let server: RunningServer;

  @Controller()
  class FailingController {
    @Default(METHOD_ALL)
    any(req: Request) {
      if (req.path === '/next') return 'next';
      return failures[Number(req.path.slice(1))]?.[1](req);
    }
  }

  beforeAll(async () => {
    const app = await bootstrap({ controllers: [FailingController], logger });
    server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
  });

  afterAll(() => server.close());

  beforeEach(() => {
    logger.errors.length = 0;
  });

  test.each(failures.map(([name], index) => [name, index] as const))(
    '%s is answered for with 500',
    async (_name, index) => {
      const client = await RawClient.connect(server.port);
      const response = await client.request(`GET /${index}`).response();
      expect(response.status).toBe(500);
      expect(response.text).not.toContain('broken');
      expect((await client.request('GET /next').response()).text).toBe('next');
      expect(logger.errors).toHaveLength(1);
      expect(logger.errors[0]).not.toContain('\n');
      client.destroy();
    },
  );
});

describe('a plain handler that', () => {
  const logged: [string, Anything][] = [
    ...failures.filter(([name]) => name.startsWith('throws') || name.startsWith('rejects')),
    ['returns nothing', () => undefined],
    ['returns null', () => null],
    ['returns text', () => 'text'],
    ['returns an object', () => ({ status: 200 })],
    ['returns a promise of nothing', () => Promise.resolve()],
    ['returns a promise of text', () => nextTick().then(() => 'text')],
    ['returns a thenable that throws', () => ({ then: () => fail(new Error('broken')) })],
  ];
  let served: Served;

  beforeAll(async () => {
    served = await serve(((req) =>
      req.path === '/next'
        ? new TextResponse('next')
        : logged[Number(req.path.slice(1))]?.[1](req)) as Handler);
  });

  afterAll(() => served.server.close());

  test.each(logged.map(([name], index) => [name, index] as const))(
    '%s is answered for with 500',
    async (_name, index) => {
      served.logger.errors.length = 0;
      const client = await RawClient.connect(served.port);
      const response = await client.request(`GET /${index}`).response();
      expect([response.status, response.text]).toEqual([500, '500 Internal Server Error\n']);
      expect((await client.request('GET /next').response()).text).toBe('next');
      expect(served.logger.errors).toHaveLength(1);
      client.destroy();
    },
  );
});

describe('a plain handler', () => {
  async function answerOf(handle: Handler, target = '/'): Promise<[number | string, string[]]> {
    const served = await serve(handle);
    const client = await RawClient.connect(served.port);
    const answer = await client
      .request(`GET ${target}`)
      .response()
      .then(({ status }) => status)
      .catch(() => 'cut');
    client.destroy();
    await served.server.close();
    return [answer, served.logger.errors];
  }

  test('that throws an HTTP error answers with its status, and it is no crash', async () => {
    expect(await answerOf(() => fail(new HttpError(409)))).toEqual([409, []]);
  });

  test('that reads the path of a bad target answers 400', async () => {
    expect(await answerOf((req) => new TextResponse(req.path), '/%zz')).toEqual([400, []]);
  });

  test('that rejects with an HTTP error answers with its status', async () => {
    expect(await answerOf(async () => fail(new HttpError(409)))).toEqual([409, []]);
  });

  test.each([
    ['at once', (response: Response) => response],
    ['later', (response: Response) => nextTick().then(() => response)],
  ])('whose response cannot be sent (%s) has its connection cut, and it is logged', async (_name, give) => {
    class BrokenResponse extends Response {
      override get length(): number {
        throw new Error('no length');
      }
    }
    const [answer, errors] = await answerOf(() => give(new BrokenResponse('x')));
    expect(answer).toBe('cut');
    expect(errors).toEqual([expect.stringMatching(/^A response could not be sent: Error: no length/)]);
  });

  test('that answers after its client left harms nobody', async () => {
    let answer: ((response: Response) => void) | undefined;
    const served = await serve(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const client = await RawClient.connect(served.port);
    client.request('GET /');
    while (!answer) await nextTick();
    client.destroy();
    await client.closed;
    for (let i = 0; i < 3; i++) await nextTick();
    answer(new TextResponse('late'));
    await served.server.close();
    expect(served.logger.errors).toEqual([]);
  });

  test('may throw what abort() throws', async () => {
    const [answer] = await answerOf(() => abort(418));
    expect(answer).toBe(418);
  });
});

/**
 * Every option of an application, wherever it is called: served, in a test client, by another handler, inside another
 * application. An option without a row does not compile.
 */
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  DECLINED,
  Get,
  listen,
  makeResponse,
  Post,
  Response,
  type BootstrapOptions,
  type Handler,
  type HandlerLike,
  type Middleware,
  type Request,
} from 'obol';
import { mount } from 'obol/composition';
import { TestClient } from 'obol/testing';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { z } from 'zod';

type Given = Partial<BootstrapOptions>;

/** What is sent, and what of the answer shows the setting. */
interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, however it was got. */
interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  readonly text: string;
}

interface Row {
  readonly given: Given;
  /** Given to an application around, against which the inner one's own wins. */
  readonly against?: Given;
  readonly asks: Question;
  readonly shows: (answer: Answer) => unknown;
  readonly with: unknown;
  readonly without: unknown;
  /** What shows in an inner application that was not given it, inside one that was. Default as `with`. */
  readonly inherited?: unknown;
  /** What shows in an inner application that was given it. Default as `with`. */
  readonly inside?: unknown;
}

/** Options that say what an application is made of, and not how it answers: they are of one application alone. */
type Made = 'is of one application alone' | 'has tests of its own below';

const logger = collectingLogger();
const crashes = (): number => logger.errors.filter((line) => line.includes('/crash')).length;
const text = ({ text: body }: Answer): string => body;
const status = ({ status: code }: Answer): number => code;
const header =
  (name: string) =>
  ({ headers }: Answer): string | undefined =>
    headers.get(name) ?? undefined;
const json = (body: string, type = 'application/json'): Omit<Question, 'path'> => ({
  method: 'POST',
  headers: { 'Content-Type': type },
  body,
});
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=b';
const FILE = '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncontent\r\n--b--\r\n';

const ROWS: Required<{ [Option in keyof BootstrapOptions]: Row | Made }> = {
  controllers: 'is of one application alone',
  providers: 'is of one application alone',
  requestProviders: 'is of one application alone',
  environment: 'is of one application alone',
  container: 'is of one application alone',
  filters: 'is of one application alone',
  middleware: 'is of one application alone',
  features: 'is of one application alone',
  documentIndex: 'is of one application alone',
  contentTypes: 'is of one application alone',
  documentRoot: {
    given: { documentRoot: import.meta.dirname },
    asks: { path: '/settings-matrix.test.ts' },
    shows: status,
    with: 200,
    without: 404,
    // It is a handler: what the inner application does not have would come from the files of the outer.
    inherited: 404,
  },
  debug: {
    given: { debug: true },
    against: { debug: false },
    asks: { path: '/crash', headers: { Accept: 'text/plain' } },
    shows: ({ text: body }) => body.includes('the crash'),
    with: true,
    without: false,
  },
  checkReturns: {
    given: { checkReturns: false },
    against: { checkReturns: true },
    asks: { path: '/unlike-its-contract' },
    shows: status,
    with: 200,
    without: 500,
  },
  errorFormat: {
    given: { errorFormat: 'text' },
    against: { errorFormat: 'html' },
    asks: { path: '/missing', headers: { Accept: '*/*' } },
    shows: ({ text: body }) => body.slice(0, 3),
    with: '404',
    without: '{"t',
  },
  errorTemplate: {
    given: { errorTemplate: ({ status: code }) => `own ${String(code)}` },
    against: { errorTemplate: () => 'other' },
    asks: { path: '/missing', headers: { Accept: 'text/html' } },
    shows: ({ text: body }) => (body.startsWith('<') ? 'built in' : body),
    with: 'own 404',
    without: 'built in',
  },
  logger: {
    given: { logger },
    against: { logger: collectingLogger() },
    asks: { path: '/crash' },
    shows: () => crashes(),
    with: 1,
    without: 0,
  },
  trustProxy: {
    given: { trustProxy: 1 },
    asks: { path: '/address', headers: { 'X-Forwarded-For': '192.0.2.7' } },
    shows: text,
    with: '192.0.2.7',
    without: '127.0.0.1',
    // Judged by the outermost alone.
    inside: '127.0.0.1',
  },
  proxyHeader: {
    given: { trustProxy: 1, proxyHeader: 'forwarded' },
    asks: { path: '/address', headers: { Forwarded: 'for=192.0.2.7' } },
    shows: text,
    with: '192.0.2.7',
    without: '127.0.0.1',
    inside: '127.0.0.1',
  },
  keepBlankValues: {
    given: { keepBlankValues: true },
    against: { keepBlankValues: false, strictParsing: false },
    asks: { path: '/args?a=' },
    shows: text,
    with: '[["a",""]]',
    without: '[]',
  },
  strictParsing: {
    given: { strictParsing: true },
    against: { strictParsing: false, keepBlankValues: true },
    asks: { path: '/args?a=%zz' },
    shows: status,
    with: 400,
    without: 200,
  },
  autoArgs: {
    given: { autoArgs: false },
    against: { autoArgs: true },
    asks: { path: '/args?a=1' },
    shows: text,
    with: '[]',
    without: '[["a","1"]]',
  },
  autoCookies: {
    given: { autoCookies: false },
    against: { autoCookies: true },
    asks: { path: '/cookies', headers: { Cookie: 'a=1' } },
    shows: text,
    with: '[]',
    without: '[["a","1"]]',
  },
  json: {
    given: { json: { limit: 10 } },
    against: { json: { limit: 1000, depth: 5 } },
    asks: { path: '/json', ...json('{"a":"12345"}') },
    shows: status,
    with: 413,
    without: 200,
  },
  jsonMimeTypes: {
    given: { jsonMimeTypes: ['text/x-json'] },
    against: { jsonMimeTypes: ['application/json'] },
    asks: { path: '/json', ...json('{"a":1}', 'text/x-json') },
    shows: text,
    with: '{"a":1}',
    without: '',
  },
  autoJson: {
    given: { autoJson: false },
    against: { autoJson: true },
    asks: { path: '/json', ...json('{"a":1}') },
    shows: text,
    with: '',
    without: '{"a":1}',
  },
  form: {
    given: { form: { urlencodedSize: 3 } },
    against: { form: { urlencodedSize: 1000, fields: 5 } },
    asks: { path: '/form', ...json('a=12345', FORM) },
    shows: status,
    with: 413,
    without: 200,
  },
  formMimeTypes: {
    given: { formMimeTypes: ['text/x-form'] },
    against: { formMimeTypes: [FORM] },
    asks: { path: '/form', ...json('a=1', FORM) },
    shows: text,
    with: '0',
    without: '1',
  },
  autoForm: {
    given: { autoForm: false },
    against: { autoForm: true },
    asks: { path: '/form', ...json('a=1', FORM) },
    shows: text,
    with: '0',
    without: '1',
  },
  fileCallback: {
    given: { fileCallback: () => ({ write: () => undefined }) },
    asks: { path: '/file', ...json(FILE, MULTIPART) },
    shows: text,
    with: 'in a sink',
    without: 'in memory',
  },
  autoData: {
    given: { autoData: false },
    against: { autoData: true },
    asks: { path: '/data', ...json('abc', 'text/plain') },
    shows: text,
    with: 'none',
    without: 'abc',
  },
  dataSize: {
    given: { dataSize: 2 },
    against: { dataSize: 100 },
    asks: { path: '/data', ...json('abc', 'text/plain') },
    shows: text,
    with: 'none',
    without: 'abc',
  },
  streamSize: {
    given: { streamSize: 2, autoData: false },
    against: { streamSize: 100 },
    asks: { path: '/stream', ...json('abc', 'text/plain') },
    shows: status,
    with: 413,
    without: 200,
  },
  readTimeout: 'has tests of its own below',
  poweredBy: {
    given: { poweredBy: false },
    against: { poweredBy: true },
    asks: { path: '/html' },
    shows: header('x-powered-by'),
    with: undefined,
    without: 'Obol',
  },
  securityHeaders: {
    given: { securityHeaders: { document: { 'X-Own': '1' } } },
    against: { securityHeaders: { document: { 'X-Own': '2' } } },
    asks: { path: '/html' },
    // What was not given, the headers of all responses, are as around it.
    shows: (answer) => [header('x-own')(answer), header('x-content-type-options')(answer)],
    with: ['1', 'nosniff'],
    without: [undefined, 'nosniff'],
  },
};

@Controller()
class ProbeController {
  @Get('/args') args(req: Request) {
    return JSON.stringify([...req.args]);
  }
  @Get('/cookies') cookies(req: Request) {
    return JSON.stringify([...req.cookies]);
  }
  @Get('/address') address(req: Request) {
    return req.peer.address;
  }
  @Get('/html') html() {
    return '<p>';
  }
  @Get('/unlike-its-contract', { returns: z.string() }) unlike(): never {
    return 1 as never;
  }
  @Get('/crash') crash() {
    throw new Error('the crash');
  }
  @Post('/json') json(req: Request) {
    return req.json === undefined ? '' : JSON.stringify(req.json);
  }
  @Post('/form') form(req: Request) {
    return String(req.form.size);
  }
  @Post('/file') file(req: Request) {
    return req.form.files[0]?.sink ? 'in a sink' : 'in memory';
  }
  @Post('/data') data(req: Request) {
    return req.data?.toString() ?? 'none';
  }
  @Post('/stream') async stream(req: Request) {
    for await (const chunk of req.stream) if (chunk === undefined) break;
    return 'read';
  }
}

const application = (given: Given): ReturnType<typeof bootstrap> =>
  bootstrap({ ...given, controllers: [ProbeController] });

beforeEach(() => {
  // An application without a logger writes its crashes to the standard error stream.
  jest.spyOn(console, 'error').mockReturnValue();
  logger.errors.length = 0;
});

type Ask = (question: Question) => Promise<Answer>;

function inTestClient(handler: HandlerLike, base = ''): Ask {
  const client = new TestClient(handler);
  return async ({ path, ...init }) => {
    const response = await client.request(base + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

const calledByAnother =
  (handle: Handler): Handler =>
  (request) =>
    handle(request);

const rows = Object.entries(ROWS).filter((entry): entry is [string, Row] => typeof entry[1] === 'object');

describe.each(rows)('%s', (_, row) => {
  const { given, against = {}, asks, shows, without, inherited = row.with, inside = row.with } = row;

  test.each<[string, () => Promise<Ask>, unknown]>([
    ['shows where it is given', async () => inTestClient(await application(given)), row.with],
    ['does not show where it is not', async () => inTestClient(await application({})), without],
    [
      'shows where another handler calls the application',
      async () => inTestClient(calledByAnother((await application(given)).handle)),
      row.with,
    ],
    [
      'shows in an application that is mounted',
      async () => inTestClient(mount('/in', await application(given)), '/in'),
      row.with,
    ],
    [
      'shows in an application inside another that was not given it',
      async () => inTestClient(await around({}, given), '/in'),
      inside,
    ],
    [
      'shows in an application inside another that was given another',
      async () => inTestClient(await around(against, given), '/in'),
      inside,
    ],
    [
      'comes from the application around',
      async () => inTestClient(await around(given, {}), '/in'),
      inherited,
    ],
    [
      'comes from the nearest of those around',
      async () => inTestClient(await around(against, given, {}), '/in/in'),
      inside === row.with ? inherited : without,
    ],
    [
      'of an inner application does not show in the outer',
      async () => inTestClient(await around({}, given)),
      without,
    ],
  ])('%s', async (_name, start, expected) => {
    const ask = await start();
    expect(shows(await ask(asks))).toEqual(expected);
  });

  test('shows to clients of a server', async () => {
    const app = await application(given);
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
    try {
      const { path, ...init } = asks;
      const response = await fetch(server.url + path, init);
      const answer = { status: response.status, headers: response.headers, text: await response.text() };
      expect(shows(answer) ?? undefined).toEqual(row.with);
    } finally {
      await app.close();
    }
  });
});

/** Applications, each mounted in the one before at `/in`. */
async function around(outer: Given, ...inner: Given[]): ReturnType<typeof bootstrap> {
  const [next, ...rest] = inner;
  return next
    ? application({ ...outer, middleware: [mount('/in', await around(next, ...rest))] })
    : application(outer);
}

describe('readTimeout', () => {
  const SLOW =
    'POST /in/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{';

  test.each<[string, () => Promise<HandlerLike>]>([
    ['of the application that a server has', () => application({ readTimeout: 100, middleware: [forgetIn] })],
    [
      'of one that another handler calls',
      async () => calledByAnother((await around({}, { readTimeout: 100 })).handle),
    ],
    ['of one inside another', () => around({ readTimeout: 60_000 }, { readTimeout: 100 })],
    ['of the one around', () => around({ readTimeout: 100 }, {})],
  ])('%s ends a body that stands still', async (_, start) => {
    const server = await listen(await start(), {
      port: 0,
      signals: false,
      drainLinger: 20,
      readTimeout: 60_000,
      logger,
    });
    const client = await RawClient.connect(server.port);
    try {
      client.send(SLOW);
      expect((await client.response('POST')).status).toBe(408);
    } finally {
      client.destroy();
      await server.close();
    }
  });
});

test('a body stands still as long as the application allows that reads it, whatever others were asked before', async () => {
  const strict = await application({ readTimeout: 100 });
  const limits: unknown[] = [];
  const strictFirst: Middleware = async (request, next) => {
    await strict.handle(request.below());
    const answer = await next(request);
    limits.push(request.root.readTimeout);
    return answer;
  };
  const outer = await application({ readTimeout: 60_000, middleware: [strictFirst] });
  await new TestClient(outer).post('/json', { json: {} });
  expect(limits).toEqual([60_000]);
});

test('a malformed target is answered by the application that another one calls', async () => {
  const inner = await application({});
  const statuses: number[] = [];
  const callInner: Middleware = async (request) => {
    const answer = await inner.handle(request);
    statuses.push(answer.status);
    return answer;
  };
  await new TestClient(await application({ middleware: [callInner] })).get('/%zz');
  expect(statuses).toEqual([400]);
});

/** Answers below `/in` as without it. */
const forgetIn: Middleware = (request, next) => next(request.below('/in'));

test('two applications answer one request at once, each by its own settings', async () => {
  const [plain, strict] = [await application({}), await application({ autoArgs: false, poweredBy: false })];
  const both: Handler = async (request) => {
    const answers = await Promise.all([plain, strict].map(async (app) => app.handle(request.below())));
    return makeResponse(answers.map(({ body }) => body));
  };
  expect(await (await new TestClient(both).get('/args?a=1')).json()).toEqual(['[["a","1"]]', '[]']);
});

test('what a caller has read by its own rules, the application reads by its own', async () => {
  const app = await application({ json: { limit: 10 }, strictParsing: true });
  const reading: Handler = async (request) => {
    await request.readJson();
    return request.args.size === 0 ? app.handle(request) : makeResponse('read by other rules');
  };
  const client = new TestClient(reading);
  const answers = [
    await client.post('/json', { json: { a: 1 } }),
    await client.post('/json', { json: { a: '1234567890' } }),
    await client.post('/json?%zz', { json: { a: 1 } }),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([200, 413, 200]);
});

test('a response that two applications give keeps the headers of neither for the other', async () => {
  const shared = new Response('shared');
  @Controller()
  class SharedController {
    @Get('/shared') shared() {
      return shared;
    }
  }
  const inner = await bootstrap({ controllers: [SharedController], poweredBy: false });
  const outer = await bootstrap({ controllers: [SharedController], middleware: [mount('/in', inner)] });
  const client = new TestClient(outer);
  const powered = async (target: string): Promise<string | undefined> =>
    (await client.get(target)).headers.get('x-powered-by');
  expect([await powered('/in/shared'), await powered('/shared'), await powered('/in/shared')]).toEqual([
    undefined,
    'Obol',
    undefined,
  ]);
});

test('a response that is on its way to two clients at once has the headers of the inner application for both', async () => {
  const shared = new Response('shared');
  @Controller()
  class SharedController {
    @Get('/shared') shared() {
      return shared;
    }
  }
  const inner = await bootstrap({ controllers: [SharedController], poweredBy: false });
  const waiting: (() => void)[] = [];
  const together: Middleware = async (request, next) => {
    const answer = await next(request);
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 2) for (const go of waiting) go();
    });
    return answer;
  };
  const outer = await bootstrap({
    controllers: [SharedController],
    middleware: [together, mount('/in', inner)],
  });
  const client = new TestClient(outer);
  const answers = await Promise.all([client.get('/in/shared'), client.get('/in/shared')]);
  expect(answers.map(({ headers }) => headers.get('x-powered-by'))).toEqual([undefined, undefined]);
});

test.each([[DECLINED], [abort]])(
  'an application inside another may decline to answer, time and again',
  async (how) => {
    const decline = typeof how === 'function' ? () => how(DECLINED) : () => how;
    const outer = await application({
      middleware: [mount('/in', await application({ middleware: [decline] }))],
    });
    const client = new TestClient(outer);
    for (let time = 0; time < 2; time++)
      await expect(client.get('/in/args')).rejects.toThrow('closed without an answer');
  },
);

test('a body that the inner application refused is an error for the outer, and not an empty one', async () => {
  const chunks = async function* (): AsyncGenerator<string> {
    yield '{"a":"1234567890"}';
  };
  const inner = await application({ json: { limit: 10 } });
  const handOn: Middleware = async (request, next) => {
    const answer = await inner.handle(request.below());
    return answer.status === 413 ? next(request) : answer;
  };
  const outer = await application({ middleware: [handOn] });
  const init = { body: chunks(), headers: { 'Content-Type': 'application/json' } };
  expect((await new TestClient(outer).post('/json', init)).status).toBe(413);
});

test('a callback for the end of a request fails in the log of the application that gave it', async () => {
  const closing: Middleware = (request, next) => {
    request.onClose(() => {
      throw new Error('in the callback');
    });
    return next(request);
  };
  const outerLog = collectingLogger();
  const app = await around({ logger: outerLog }, { logger, middleware: [closing] });
  const server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
  await fetch(`${server.url}/in/html`);
  await app.close();
  expect([logger.errors.length, outerLog.errors.length]).toEqual([1, 0]);
});

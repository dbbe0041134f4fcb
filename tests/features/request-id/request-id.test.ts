/** The id of a request: where it comes from, and where it is. */
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  Get,
  Injectable,
  Post,
  Response,
  type Feature,
  type Request,
} from 'obol';
import { mount } from 'obol/composition';
import { cors } from 'obol/cors';
import { Log, type Fields } from 'obol/log';
import { requestId, requestIdOf, type RequestIdOptions } from 'obol/request-id';
import { request, TestClient } from 'obol/testing';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { problemsOf } from '../../support/problems.js';
import { RawClient } from '../../support/raw-client.js';

const shared = new Response('shared');

@Controller()
class IdController {
  @Get('/') index(req: Request) {
    return requestIdOf(req) ?? 'none';
  }
  @Get('/stream') *stream(req: Request) {
    yield requestIdOf(req) ?? 'none';
  }
  @Get('/shared') shared() {
    return shared;
  }
  @Get('/own') own(req: Request) {
    return new Response(requestIdOf(req), { headers: { 'X-Request-Id': 'another' } });
  }
  @Get('/refused') refused() {
    abort(418);
  }
  @Get('/crash') crash(): never {
    throw new RangeError('crash');
  }
  @Post('/') add() {
    return 'added';
  }
}

/** What a request for the crash or the refusal leaves, in each kind of page, in the header and in the log. */
test.each([
  ['text/html', /Request <code>([^<]+)<\/code>/],
  ['application/problem+json', /"requestId":"([^"]+)"/],
  ['application/json', /"requestId":"([^"]+)"/],
  ['text/plain', /^Request (\S+)$/m],
])('is the same in log, header and page: %s', async (accept, inPage) => {
  const { client, logger } = await start(IdController, { features: [requestId()] });
  for (const path of ['/crash', '/refused', '/none']) {
    const response = await client.get(path, { headers: { Accept: accept } });
    const [, id] = inPage.exec(await response.text()) ?? [];
    expect([response.headers.get('x-request-id'), logger.fields.at(-1)?.['reqId']]).toEqual([id, id]);
  }
});

test.each(['text/html', 'application/problem+json', 'text/plain'])(
  'no page names what there is not: %s',
  async (accept) => {
    const { client, logger } = await start(IdController);
    const response = await client.get('/crash', { headers: { Accept: accept } });
    expect(await response.text()).not.toMatch(/request *id|Request /i);
    expect(logger.fields.at(-1)).not.toHaveProperty('reqId');
  },
);

describe('lines of the application', () => {
  @Injectable(Log)
  class Store {
    constructor(readonly log: Log) {}
    async find(name: string): Promise<string> {
      await new Promise((resolve) => setImmediate(resolve));
      this.log.info({ name }, 'found');
      return name;
    }
  }

  @Controller('/people', Store)
  class PeopleController {
    constructor(private readonly store: Store) {}
    @Get('/<name:word>') show(req: Request, name: string) {
      req.log.info({ name }, 'asked');
      return this.store.find(name);
    }
  }

  const application = (features: Feature[] = []) => start(PeopleController, { features });

  test('have the id of their request, also where a class takes the log, and requests overlap', async () => {
    const { app, client, logger } = await application([requestId()]);
    const names = ['ann', 'bob', 'cid'];
    const answers = await Promise.all(names.map((name) => client.get(`/people/${name}`)));
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    const lines = names.map((name, i) => ({ reqId: ids[i], name }));
    expect([...logger.fields].sort(byName)).toEqual(lines.flatMap((line) => [line, line]));
    app.resolve(Store).log.info('outside of requests');
    expect(logger.fields.at(-1)).toBeUndefined();
  });

  test('have none where no feature gives ids', async () => {
    const { client, logger } = await application();
    await client.get('/people/ann');
    expect([logger.notes, logger.fields]).toEqual([
      ['asked', 'found'],
      [{ name: 'ann' }, { name: 'ann' }],
    ]);
  });

  test('of an application inside of another have its id and go to its own log', async () => {
    const inner = await application();
    const outer = await start(IdController, {
      features: [requestId(), { middleware: [mount('/inner', inner.app)] }],
    });
    const { headers } = await outer.client.get('/inner/people/ann');
    const line = { reqId: headers.get('x-request-id'), name: 'ann' };
    expect([inner.logger.fields, outer.logger.fields]).toEqual([[line, line], []]);
  });
});

function byName(one: Fields | undefined, other: Fields | undefined): number {
  return String(one?.['name']).localeCompare(String(other?.['name']));
}

async function clientOf(options?: RequestIdOptions): Promise<TestClient> {
  return (await start(IdController, { features: [requestId(options)] })).client;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

test.each(['/', '/stream', '/own'])(
  '%s: handler and answer have the same, a new one each time',
  async (path) => {
    const client = await clientOf();
    const ids = [];
    for (let i = 0; i < 2; i++) {
      const response = await client.get(path);
      expect(response.headers.getAll('x-request-id')).toEqual([await response.text()]);
      ids.push(response.headers.get('x-request-id'));
    }
    expect(ids).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
    expect(new Set(ids).size).toBe(2);
  },
);

test.each([
  ['/refused', 'GET', 418],
  ['/crash', 'GET', 500],
  ['/nowhere', 'GET', 404],
  ['/%zz', 'GET', 400],
  ['/', 'DELETE', 405],
  ['/', 'OPTIONS', 204],
  ['/', 'HEAD', 200],
])('%s asked by %s has one, though it is answered with %s', async (path, method, status) => {
  const response = await (await clientOf()).request(path, { method });
  expect([response.status, response.headers.get('x-request-id')]).toEqual([
    status,
    expect.stringMatching(UUID),
  ]);
});

test('what middleware of the application refuses has one, and the middleware knows it', async () => {
  const seen: unknown[] = [];
  const { client } = await start(IdController, {
    middleware: [(req) => abort(402 + seen.push(requestIdOf(req)))],
    features: [requestId()],
  });
  const response = await client.get('/');
  expect([response.status, response.headers.get('x-request-id')]).toEqual([403, seen[0]]);
});

test('what a feature answers that comes after it has one, such as a preflight', async () => {
  const { client } = await start(IdController, { features: [requestId(), cors({ origins: '*' })] });
  const headers = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' };
  const response = await client.request('/', { method: 'OPTIONS', headers });
  expect([response.status, response.headers.get('x-request-id')]).toEqual([204, expect.stringMatching(UUID)]);
});

test('what the server answers in place of a handler that takes too long has one', async () => {
  @Controller()
  class SlowController {
    @Get('/') slow() {
      return new Promise<string>(() => undefined);
    }
  }
  const { app } = await start(SlowController, { features: [requestId()] });
  const server = await app.listen({ port: 0, signals: false, handlerTimeout: 20, drainLinger: 1 });
  const client = await RawClient.connect(server.port);
  const response = await client.request('GET /').response();
  await app.close();
  expect([response.status, response.header('x-request-id')]).toEqual([503, expect.stringMatching(UUID)]);
});

test('a response for all requests stays without one', async () => {
  const client = await clientOf();
  const ids = [await client.get('/shared'), await client.get('/shared')].map(({ headers }) =>
    headers.get('x-request-id'),
  );
  expect(new Set(ids).size).toBe(2);
  expect(shared.headers.has('x-request-id')).toBe(false);
});

test('an application inside another has that of the outer one', async () => {
  const inner = await start(IdController, { features: [requestId({ generate: () => 'inner' })] });
  const app = await bootstrap({
    controllers: [IdController],
    features: [requestId({ generate: () => 'outer' }), { middleware: [mount('/inner', inner.app)] }],
  });
  expect(await (await new TestClient(app).get('/inner/')).text()).toBe('outer');
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const trace = (version: string, id: string, parent = 'b7ad6b7169203331', rest = '01'): string =>
  `${version}-${id}-${parent}-${rest}`;

test.each<[options: RequestIdOptions, field: string, value: string, id: string]>([
  [{}, 'X-Request-Id', 'abc', 'new'],
  [{ incoming: false }, 'X-Request-Id', 'abc', 'new'],
  [{ incoming: 'X-Request-Id' }, 'x-request-id', 'abc', 'abc'],
  [
    { incoming: 'X-Request-Id' },
    'X-Request-Id',
    'Root=1-67891233;Self=a.b:c/d+e@f~g',
    'Root=1-67891233;Self=a.b:c/d+e@f~g',
  ],
  [{ incoming: 'X-Correlation-Id' }, 'X-Correlation-Id', 'abc', 'abc'],
  [{ incoming: 'X-Correlation-Id' }, 'X-Request-Id', 'abc', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', '', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a b', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a, b', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', '<script>', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a"b', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'é', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', '../../etc/x', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a/../../x', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a.b/..', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', '/etc/x', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', '~root', 'new'],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'a.b/c+d==', 'a.b/c+d=='],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'x'.repeat(128), 'x'.repeat(128)],
  [{ incoming: 'X-Request-Id' }, 'X-Request-Id', 'x'.repeat(129), 'new'],
  [{ incoming: 'traceparent' }, 'traceparent', trace('00', TRACE), TRACE],
  [{ incoming: 'Traceparent' }, 'traceparent', trace('00', TRACE), TRACE],
  [{ incoming: 'traceparent' }, 'traceparent', trace('cc', TRACE, undefined, '01-more'), TRACE],
  [{ incoming: 'traceparent' }, 'traceparent', trace('ff', TRACE), 'new'],
  [{ incoming: 'traceparent' }, 'traceparent', trace('00', '0'.repeat(32)), 'new'],
  [{ incoming: 'traceparent' }, 'traceparent', trace('00', TRACE, '0'.repeat(16)), 'new'],
  [{ incoming: 'traceparent' }, 'traceparent', trace('00', TRACE.toUpperCase()), 'new'],
  [{ incoming: 'traceparent' }, 'traceparent', TRACE, 'new'],
])('%j takes of %s: %s the id %s', async (options, field, value, id) => {
  const client = await clientOf({ ...options, generate: () => 'new' });
  const response = await client.get('/', { headers: { [field]: value } });
  expect([await response.text(), response.headers.get('x-request-id')]).toEqual([id, id]);
});

test('the field of the answer may have another name', async () => {
  const { headers } = await (await clientOf({ header: 'X-Trace', generate: () => 'a' })).get('/');
  expect([headers.get('x-trace'), headers.has('x-request-id')]).toEqual(['a', false]);
});

test('without the feature there is none', async () => {
  expect(requestIdOf(request('/'))).toBeUndefined();
  const { client } = await start(IdController);
  expect((await client.get('/')).headers.has('x-request-id')).toBe(false);
});

test.each<[unknown, string]>([
  [
    { header: 'X Id' },
    'requestId.header: "X Id" is not the name of a field for an id, such as "X-Request-Id".',
  ],
  [
    { header: 'Set-Cookie' },
    'requestId.header: "Set-Cookie" is not the name of a field for an id, such as "X-Request-Id".',
  ],
  [
    { header: 'content-length' },
    'requestId.header: "content-length" is not the name of a field for an id, such as "X-Request-Id".',
  ],
  [{ incoming: true }, 'requestId.incoming: true is not the name of a field, such as "X-Request-Id".'],
  [{ incoming: '' }, 'requestId.incoming: "" is not the name of a field, such as "X-Request-Id".'],
  [{ generate: 'uuid' }, 'requestId.generate: a string is not a function () => string.'],
])('%j is refused', (options, message) => {
  expect(() => requestId(options as RequestIdOptions)).toThrow(developerError('E_SETTING', message));
});

test('an application has one of it', async () => {
  expect(await problemsOf([IdController], { features: [requestId(), requestId()] })).toMatchObject([
    { code: 'E_FEATURE' },
  ]);
});

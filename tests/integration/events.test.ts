/** Server-sent events over real sockets: sent at once, kept alive, and let go of when the client leaves. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  EventStreamResponse,
  Get,
  lastEventId,
  type Request,
  type RunningServer,
} from 'obol';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { deferred } from '../support/serve.js';

/** What the sources went through, for the tests to see. */
let log: string[] = [];
let gate = deferred<string>();
let open = 0;

/** Gives one event, then waits for the client to leave. */
async function* untilGone(signal: AbortSignal): AsyncGenerator<string> {
  open++;
  try {
    yield 'here';
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    open--;
  }
}

@Controller()
class EventsController {
  @Get('/two')
  two(): EventStreamResponse {
    return new EventStreamResponse(['a', { event: 'tick', data: { n: 1 }, id: '7' }], { retry: 100 });
  }

  @Get('/late')
  late(): EventStreamResponse {
    return new EventStreamResponse(
      (async function* () {
        yield await gate.promise;
      })(),
    );
  }

  @Get('/silent')
  silent(): EventStreamResponse {
    const next = (): Promise<never> => new Promise(() => undefined);
    const end = (): Promise<{ done: true; value: undefined }> => {
      log.push('return');
      gate.resolve('returned');
      return Promise.resolve({ done: true, value: undefined });
    };
    return new EventStreamResponse(
      { [Symbol.asyncIterator]: () => ({ next, return: end }) },
      { heartbeat: 10 },
    );
  }

  @Get('/until-gone')
  untilGone(req: Request): EventStreamResponse {
    return new EventStreamResponse(untilGone(req.signal));
  }

  @Get('/broken')
  broken(): EventStreamResponse {
    return new EventStreamResponse(
      (async function* () {
        yield 'a';
        // What is written in the same turn is lost with the connection.
        await new Promise(setImmediate);
        throw new Error('the source broke');
      })(),
    );
  }

  @Get('/forged')
  forged(): EventStreamResponse {
    return new EventStreamResponse([{ id: 'a\n\ndata: forged', data: 'x' }]);
  }

  @Get('/since')
  since(req: Request): EventStreamResponse {
    return new EventStreamResponse([`since ${lastEventId(req) ?? 'ever'}`]);
  }
}

const logger = collectingLogger();
let server: RunningServer;

beforeAll(async () => {
  const app = await bootstrap({ controllers: [EventsController], logger });
  server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 1000 });
});

afterAll(async () => {
  await server.close();
});

async function ask(line: string, fields: string[] = []): Promise<RawClient> {
  return (await RawClient.connect(server.port)).request(line, fields);
}

/** Lets the event loop turn until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a stream of events', () => {
  test('arrives as browsers read it', async () => {
    const client = await ask('GET /two', ['Accept: text/event-stream']);
    const response = await client.response();
    expect([response.status, response.complete, response.text]).toEqual([
      200,
      true,
      'retry: 100\n\ndata: a\n\nevent: tick\ndata: {"n":1}\nid: 7\n\n',
    ]);
    expect(response.header('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.header('cache-control')).toBe('no-cache, no-transform');
    expect(response.header('transfer-encoding')).toBe('chunked');
    client.destroy();
  });

  test('has its first bytes sent before its first event is there', async () => {
    gate = deferred<string>();
    const client = await ask('GET /late');
    await client.until((received) => received.includes(':\n\n'));
    gate.resolve('now');
    expect((await client.response()).text).toBe(':\n\ndata: now\n\n');
    client.destroy();
  });

  test('shows signs of life while its source is silent', async () => {
    const client = await ask('GET /silent');
    await client.until((received) => received.split(':\n\n').length > 4);
    client.destroy();
  });

  test('ends with the connection for HTTP/1.0', async () => {
    const client = await RawClient.connect(server.port);
    const response = await client.send('GET /two HTTP/1.0\r\n\r\n').response();
    expect(response.text).toMatch(/^retry: 100\n\ndata: a\n\n/);
  });

  test('has no content for HEAD', async () => {
    const client = await ask('HEAD /two');
    const response = await client.response('HEAD');
    expect([response.status, response.header('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    expect((await client.request('GET /two').response()).complete).toBe(true);
    client.destroy();
  });

  test.each([
    ['no header', [], 'since ever'],
    ['an id', ['Last-Event-ID: 41'], 'since 41'],
    ['an id that is too long', [`Last-Event-ID: ${'x'.repeat(2000)}`], 'since ever'],
  ])('knows from %s what to go on after', async (_name, fields, data) => {
    const client = await ask('GET /since', fields);
    expect((await client.response()).text).toBe(`:\n\ndata: ${data}\n\n`);
    client.destroy();
  });
});

describe('a client that leaves', () => {
  test('is told to a source that has nothing to give, at once', async () => {
    log = [];
    gate = deferred<string>();
    const client = await ask('GET /silent');
    await client.until((received) => received.includes(':\n\n'));
    client.socket.resetAndDestroy();
    await gate.promise;
    expect(log).toEqual(['return']);
  });

  test('ends a generator that waits on the signal, two hundred times over', async () => {
    for (let round = 0; round < 4; round++) {
      const clients = await Promise.all(Array.from({ length: 50 }, () => ask('GET /until-gone')));
      await Promise.all(clients.map((client) => client.until((received) => received.includes('here'))));
      expect(open).toBe(50);
      for (const client of clients) client.destroy();
      await until(() => open === 0);
    }
    expect(logger.errors).toEqual([]);
  });
});

describe('a source that fails', () => {
  test.each([
    ['/broken', 'data: a', /GET \/broken \(EventsController\.broken\).*the source broke/],
    ['/forged', '', /GET \/forged.*The id of an event is text on one line without NUL/],
  ])('at %s cuts the connection and is logged', async (path, before, line) => {
    logger.errors.length = 0;
    const client = await ask(`GET ${path}`);
    const response = await client.response();
    expect(response.complete).toBe(false);
    expect(response.text + client.pending).not.toContain('forged');
    expect(response.text).toContain(before);
    expect(logger.errors).toEqual([expect.stringMatching(line)]);
  });
});

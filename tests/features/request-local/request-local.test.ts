/** Values of the request under way: where they are found, and where not. */
import { EventEmitter, once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  AfterResponse,
  BeforeResponse,
  bootstrap,
  Controller,
  Form,
  Get,
  HttpState,
  Post,
  Response,
  Use,
  type Request,
} from 'obol';
import { forward, include, mount } from 'obol/composition';
import { createGuard } from 'obol/kit';
import { connect } from 'obol/node';
import { RequestLocal } from 'obol/request-local';
import { TestClient } from 'obol/testing';
import { webSocket } from 'obol/websocket';
import { WebSocket } from 'ws';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { RawClient } from '../../support/raw-client.js';

let made = 0;
const NUMBER = new RequestLocal('number', () => ++made);
const WORD = new RequestLocal<string>('word');
const PATH = new RequestLocal('path', (req) => req.path);
const bus = new EventEmitter();
/** Ways to go on later. */
const STARTERS = [
  setTimeout,
  setImmediate,
  queueMicrotask,
  (act: () => void) => {
    process.nextTick(act);
  },
];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ends: unknown[] = [];
const seen: Record<string, unknown> = {};

const Seen = createGuard('Seen', () => () => void (seen['guard'] = NUMBER.get()));

async function* later(): AsyncGenerator<string> {
  for (let line = 1; line <= 3; line++) {
    await turn();
    yield `${String(NUMBER.get())}\n`;
  }
}

function* now(): Generator<string> {
  for (let line = 1; line <= 3; line++) yield `${String(NUMBER.get())}\n`;
}

@Controller()
class LocalController {
  @BeforeResponse() before() {
    seen['before'] = NUMBER.get();
  }
  @AfterResponse() after() {
    seen['after'] = NUMBER.get();
  }
  @Get('/here')
  @Seen()
  @Use((req, next) => {
    seen['middleware'] = NUMBER.get();
    return next(req);
  })
  here() {
    return [NUMBER.get(), NUMBER.get()];
  }
  @Get('/everywhere') async everywhere(req: Request) {
    const found = [NUMBER.get()];
    const find = (): void => void found.push(NUMBER.get());
    await turn();
    find();
    for (const start of STARTERS)
      await new Promise<void>((resolve) => {
        start(() => {
          find();
          resolve();
        });
      });
    await Promise.allSettled([Promise.reject(new Error('never mind'))]).then(find);
    for await (const chunk of Readable.from([1])) found.push(NUMBER.get() + Number(chunk) - 1);
    req.onClose(() => ends.push(NUMBER.get()));
    req.onClose(async () => {
      await turn();
      ends.push(NUMBER.get());
    });
    return found;
  }
  @Get('/later') later() {
    return later();
  }
  @Get('/now') now() {
    return now();
  }
  @Get('/array') *array() {
    yield* Array.from({ length: 3 }, () => `${String(NUMBER.get())}\n`);
  }
  @Get('/readable') readable() {
    const lines: string[] = [];
    return new Readable({
      read() {
        lines.push(`${String(NUMBER.get())}\n`);
        this.push(lines.length > 3 ? null : lines.at(-1));
      },
    });
  }
  @Get('/web') web() {
    let count = 0;
    return new ReadableStream(
      {
        pull(controller) {
          if (++count > 3) controller.close();
          else controller.enqueue(Buffer.from(`${String(NUMBER.get())}\n`));
        },
      },
      { highWaterMark: 0 },
    );
  }
  @Get('/early') early() {
    return new Response(later(), { early: true });
  }
  @Get('/finally') async *finally() {
    try {
      yield 'a';
      await turn();
      yield 'b'.repeat(1e6);
      yield 'c'.repeat(1e7);
    } finally {
      ends.push(NUMBER.get());
    }
  }
  @Get('/signal') async signal(req: Request) {
    const number = NUMBER.get();
    await new Promise<void>((resolve) => {
      req.signal.addEventListener('abort', () => {
        ends.push([number, NUMBER.get()]);
        resolve();
      });
    });
    return 'gone';
  }
  @Get('/bus') async bus() {
    const plain = new Promise((resolve) =>
      bus.once('news', () => {
        resolve(NUMBER.peek());
      }),
    );
    const bound = new Promise((resolve) => {
      bus.once(
        'news',
        RequestLocal.bind(() => {
          resolve(NUMBER.get());
        }),
      );
    });
    return { number: NUMBER.get(), plain: (await plain) ?? null, bound: await bound };
  }
  @Post('/body') async body(req: Request) {
    const found = [NUMBER.get()];
    for await (const chunk of req.stream) found.push(NUMBER.get(), (chunk as Buffer).length);
    return found;
  }
  @Post('/read') read() {
    return { before: seen['before'], handler: NUMBER.get() };
  }
  @Post('/sink') @Form(false) async sink(req: Request) {
    const found = [NUMBER.get()];
    const find = (): void => void found.push(NUMBER.peek() ?? -1);
    await req.readForm({ fileCallback: () => (find(), { write: find, end: find }), onProgress: find });
    return found;
  }
  @Get('/socket') socket() {
    ends.length = 0;
    const find = (): void => void ends.push(NUMBER.peek() ?? -1);
    return webSocket({ open: find, message: find, close: find });
  }
  @Get('/word') word() {
    return WORD.get();
  }
  @Get('/crash') crash() {
    NUMBER.get();
    throw new RangeError('crash');
  }
  @HttpState(500) failed() {
    return { failed: NUMBER.get() };
  }
  @Get('/forward') forward(req: Request) {
    seen['asker'] = NUMBER.get();
    return forward(req, '/here');
  }
  @Get('/include') async include(req: Request) {
    const parts = [await include(req, '/here'), await include(req, '/here')];
    return [
      NUMBER.get(),
      ...(await Promise.all(parts.map(async (part) => JSON.parse(await part.text()) as number[]))),
    ];
  }
}

const options = { controllers: [LocalController] };
const { client } = await start(LocalController);

/** A server on a socket, and a client of it. */
async function served(): Promise<{ raw: RawClient; end: () => Promise<void> }> {
  const app = await bootstrap(options);
  const server = await app.listen({ port: 0, signals: false });
  const raw = await RawClient.connect(server.port);
  const end = async (): Promise<void> => {
    raw.destroy();
    await server.close();
  };
  return { raw, end };
}

async function json(path: string): Promise<number[]> {
  return (await client.get(path)).json<number[]>();
}

/** Collects garbage until all are gone; a collection may leave what the one behind it takes. */
async function collected(refs: readonly WeakRef<object>[]): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const left = (): number => refs.filter((ref) => ref.deref() !== undefined).length;
  for (let round = 0; left() > 0 && round < 100; round++) {
    await turn();
    gc();
  }
  expect(refs.length).toBeGreaterThan(0);
  expect(left()).toBe(0);
}

describe('A value of the request', () => {
  test('is made once, when it is first asked for', async () => {
    const before = made;
    await expect(json('/here')).resolves.toEqual([before + 1, before + 1]);
    expect(made).toBe(before + 1);
  });

  test('is the same for hooks, guards, middleware and handler', async () => {
    const [number] = await json('/here');
    expect(seen).toMatchObject({ before: number, guard: number, middleware: number, after: number });
  });

  test('is found by all that the handler awaits or sets a timer for, and at the end of the request', async () => {
    ends.length = 0;
    const found = await json('/everywhere');
    expect(found).toHaveLength(8);
    expect(new Set(found).size).toBe(1);
    await turn();
    await turn();
    expect(ends).toEqual([found[0], found[0]]);
  });

  test.each(['later', 'now', 'array', 'readable', 'web', 'early'])(
    'is found by a stream that is sent after the head: %s',
    async (path) => {
      const { raw, end } = await served();
      const { text } = await raw.request(`GET /${path}`).response();
      await end();
      const numbers = text.trim().split('\n');
      expect(numbers).toHaveLength(3);
      expect(new Set(numbers)).toEqual(new Set([String(made)]));
    },
  );

  test('is found where a stream is let go of, as the client has left', async () => {
    ends.length = 0;
    const { raw, end } = await served();
    raw.request('GET /finally');
    await raw.until((text) => text.includes('b'));
    await end();
    while (ends.length === 0) await turn();
    expect(ends).toEqual([made]);
  });

  test('is found by what listens for the client to leave', async () => {
    ends.length = 0;
    const { raw, end } = await served();
    raw.request('GET /signal');
    const before = made;
    while (made === before) await turn();
    await end();
    expect(ends).toEqual([[made, made]]);
  });

  test('is another for a request beside it', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => json('/everywhere')));
    for (const found of all) expect(new Set(found).size).toBe(1);
    expect(new Set(all.map(([number]) => number)).size).toBe(20);
  });

  test('is found by a bound listener of something older than the request, and by no other', async () => {
    const answers = [client.get('/bus'), client.get('/bus')];
    while (bus.listenerCount('news') < 4) await turn();
    bus.emit('news');
    const found = await Promise.all(
      answers.map(async (answer) => (await answer).json<Record<string, unknown>>()),
    );
    for (const { number, plain, bound } of found) expect([plain, bound]).toEqual([null, number]);
    expect(found[0]?.['bound']).not.toBe(found[1]?.['bound']);
  });

  test('is found while the body is read', async () => {
    const [first, second, length] = await (
      await client.post('/body', { body: 'abc', headers: { 'Content-Type': 'application/octet-stream' } })
    ).json<number[]>();
    expect([second, length]).toEqual([first, 3]);
  });

  test.each([
    ['JSON', 'application/json', '{"a":1}'],
    ['text', 'text/plain', 'abc'],
    ['a form', 'application/x-www-form-urlencoded', 'a=1'],
    [
      'a form with a file',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc\r\n--b--\r\n',
    ],
  ])(
    'is found when a body has been read, which comes with events of the connection: %s',
    async (_, type, body) => {
      const { raw, end } = await served();
      const before = made;
      raw.request(
        'POST /read',
        [`Content-Type: ${type}`, `Content-Length: ${String(body.length)}`],
        body.slice(0, 2),
      );
      while (made === before) await turn();
      raw.send(body.slice(2));
      expect(JSON.parse((await raw.response()).text)).toEqual({ before: made, handler: made });
      await end();
    },
  );

  test('is found by sinks of uploaded files, and by what follows the upload', async () => {
    const { raw, end } = await served();
    const part = 'Content-Disposition: form-data; name="f"; filename="f"';
    const body = `--b\r\n${part}\r\n\r\n${'x'.repeat(100)}\r\n--b--\r\n`;
    const type = 'Content-Type: multipart/form-data; boundary=b';
    raw.request('POST /sink', [type, `Content-Length: ${String(body.length)}`], body.slice(0, 2));
    const before = made;
    while (made === before) await turn();
    raw.send(body.slice(2));
    const found = JSON.parse((await raw.response()).text) as number[];
    expect(found.length).toBeGreaterThan(4);
    expect(new Set(found)).toEqual(new Set([made]));
    await end();
  });

  test('is found by callbacks of a WebSocket', async () => {
    const app = await bootstrap(options);
    const server = await app.listen({ port: 0, signals: false });
    const socket = new WebSocket(server.url.replace('http', 'ws') + '/socket');
    await once(socket, 'open');
    for (let count = 0; count < 3; count++) socket.send('message');
    while (ends.length < 4) await turn();
    socket.close();
    while (ends.length < 5) await turn();
    expect(ends).toEqual(Array.from({ length: 5 }, () => made));
    await server.close();
  });

  test('is found behind middleware of Connect that passes on in an event', async () => {
    const app = await bootstrap({
      ...options,
      middleware: [connect((_req, _res, next) => bus.once('pass on', next))],
    });
    const answer = new TestClient(app).get('/here');
    while (bus.listenerCount('pass on') === 0) await turn();
    bus.emit('pass on');
    expect(await (await answer).json()).toEqual([made, made]);
  });

  test('is found by what answers an error', async () => {
    const response = await client.get('/crash');
    expect(await response.json()).toEqual({ failed: made });
  });

  test('is one for all applications within each other', async () => {
    const inner = await bootstrap(options);
    @Controller('/outer')
    class OuterController {
      @BeforeResponse() before() {
        seen['outer'] = NUMBER.get();
      }
      @Get('/') index() {
        return 'outer';
      }
    }
    const outer = await bootstrap({ controllers: [OuterController], middleware: [mount('/in', inner)] });
    const alone = new TestClient(mount('/in', mount('/er', inner)));
    const [number] = await (await alone.get('/in/er/here')).json<number[]>();
    expect(number).toBe(made);
    const answer = await new TestClient(outer).get('/in/here');
    expect(await answer.json()).toEqual([made, made]);
  });

  test('is one for a request and those that its handler makes', async () => {
    const [number] = await json('/forward');
    expect(seen['asker']).toBe(number);
    expect(new Set((await json('/include')).flat()).size).toBe(1);
  });

  test('is made with the request as the outermost application has it', async () => {
    @Controller()
    class PathController {
      @Get('/a/b') show() {
        return PATH.get();
      }
    }
    const { client: ofPath } = await start(PathController);
    expect(await (await ofPath.get('/a/b')).text()).toBe('/a/b');
  });

  test('is made again where making it has failed', async () => {
    let tries = 0;
    const moody = new RequestLocal('moody', () => {
      if (++tries === 1) throw new RangeError('not now');
      return tries;
    });
    await inRequest(() => {
      expect(() => moody.get()).toThrow('not now');
      expect(moody.peek()).toBeUndefined();
      expect([moody.get(), moody.get()]).toEqual([2, 2]);
    });
  });

  test('may be undefined, null or a promise, and is made once all the same', async () => {
    let count = 0;
    for (const value of [undefined, null, 0, '', Promise.resolve(1)]) {
      const local = new RequestLocal<unknown>('odd', () => (count++, value));
      await inRequest(() => {
        expect([local.get(), local.get()]).toEqual([value, value]);
      });
    }
    expect(count).toBe(5);
  });

  test('can be set, by who has it to those who ask later', async () => {
    await inRequest(() => {
      expect(WORD.peek()).toBeUndefined();
      WORD.set('first');
      WORD.set('second');
      expect([WORD.get(), WORD.peek()]).toEqual(['second', 'second']);
    });
  });

  test('is let go of with the request, and the request even where a timer lives longer than that', async () => {
    const large = new RequestLocal('large', () => ({ large: Buffer.alloc(1000) }));
    const refs: WeakRef<object>[] = [];
    const { client: own } = await start(controllerOf(() => refs.push(new WeakRef(large.get()))));
    for (let count = 0; count < 5; count++) await (await own.get('/')).text();
    let kept: NodeJS.Timeout | undefined;
    let late: (() => void) | undefined;
    const app = await bootstrap({
      controllers: [
        controllerOf((req) => {
          NUMBER.get();
          refs.push(new WeakRef(req));
          late = RequestLocal.bind(() => {
            expect(NUMBER.get()).toBe(made);
            expect(() => PATH.get()).toThrow('first asked for when there was no request');
          });
          kept = setInterval(() => undefined, 1e6);
        }),
      ],
    });
    const server = await app.listen({ port: 0, signals: false });
    await (await fetch(server.url)).text();
    await server.close();
    await collected(refs);
    late?.();
    clearInterval(kept);
  });
});

/** A controller whose only handler does this. */
function controllerOf(act: (req: Request) => unknown) {
  @Controller()
  class OneController {
    @Get('/') show(req: Request) {
      act(req);
      return 'done';
    }
  }
  return OneController;
}

/** Calls a function within a request, and gives what it throws. */
async function inRequest(act: () => unknown): Promise<void> {
  let failure: unknown;
  const { client: own } = await start(
    controllerOf(() => {
      try {
        act();
      } catch (error) {
        failure = error;
      }
    }),
  );
  await own.get('/');
  if (failure !== undefined) throw failure as Error;
}

describe('Outside of a request', () => {
  test('asking is a mistake that says what to do', () => {
    const message =
      'The RequestLocal "word" was asked for outside of a request. Ask for it in what an application calls for one; a listener of ' +
      'something older than the request needs RequestLocal.bind(callback), and a test or a job its run(value, () => ...).';
    expect(() => WORD.get()).toThrow(developerError('E_REQUEST_LOCAL', message));
    expect(() => {
      WORD.set('x');
    }).toThrow(developerError('E_REQUEST_LOCAL', message));
  });

  test.each([
    ['a module', () => NUMBER.get()],
    [
      'a timer',
      () =>
        new Promise(
          (resolve, reject) =>
            void setTimeout(() => {
              attempt(resolve, reject);
            }, 1),
        ),
    ],
    ['a generator', () => [...now()]],
    ['a bound function', () => RequestLocal.bind(() => NUMBER.get())()],
    ['a handler that is called alone', () => new LocalController().here()],
  ])('there is none in %s', async (_, ask) => {
    await expect((async () => ask())()).rejects.toThrow('outside of a request');
  });

  test('there is none to look at either', () => {
    expect([NUMBER.peek(), WORD.peek()]).toEqual([undefined, undefined]);
  });

  test('a test gives a value for as long as a function runs, and what that awaits', async () => {
    const answer = await NUMBER.run(7, async () => {
      await turn();
      return new LocalController().here();
    });
    expect(answer).toEqual([7, 7]);
    expect(NUMBER.peek()).toBeUndefined();
  });
});

function attempt(resolve: (value: number) => void, reject: (error: unknown) => void): void {
  try {
    resolve(NUMBER.get());
  } catch (error) {
    reject(error);
  }
}

describe('Within run()', () => {
  test('a value stands in front of that of the request, and all others are its own', () =>
    inRequest(() => {
      WORD.set('outer');
      const number = NUMBER.get();
      WORD.run('inner', () => {
        expect([WORD.get(), NUMBER.get()]).toEqual(['inner', number]);
        WORD.set('changed');
        expect(WORD.get()).toBe('changed');
        NUMBER.set(0);
        WORD.run('innermost', () => {
          expect([WORD.get(), NUMBER.get()]).toEqual(['innermost', 0]);
        });
      });
      expect([WORD.get(), NUMBER.get()]).toEqual(['outer', 0]);
    }));

  test('it still stands there for an application that is asked meanwhile', async () => {
    const inner = await bootstrap(options);
    @Controller()
    class AskingController {
      @Get('/word') word(req: Request) {
        return WORD.run('given', () => inner.handle(req.below()));
      }
    }
    const { client: asking } = await start(AskingController);
    expect(await (await asking.get('/word')).text()).toBe('given');
  });
});

describe('A mistake', () => {
  test('is a value that was never set', () =>
    inRequest(() => {
      const message =
        'The RequestLocal "word" has no value yet. Set it before, such as in a middleware, by its set(value), or give ' +
        'new RequestLocal() a function that makes it.';
      expect(() => WORD.get()).toThrow(developerError('E_REQUEST_LOCAL', message));
    }));

  test('is a value that is made of itself', () =>
    inRequest(() => {
      const lay = (): number => hen.get();
      const egg = new RequestLocal('egg', lay);
      const hen = new RequestLocal('hen', () => egg.get());
      const message = 'What makes the RequestLocal "egg" asks for it: it is not there yet.';
      expect(() => egg.get()).toThrow(developerError('E_REQUEST_LOCAL', message));
      expect(egg.peek()).toBeUndefined();
    }));

  test.each([[undefined], [''], [7]])('is the name %p', (name) => {
    const message = 'A RequestLocal has a name for messages: new RequestLocal("tenant").';
    expect(() => new RequestLocal(name as string)).toThrow(developerError('E_REQUEST_LOCAL', message));
  });

  test('is what makes it and is no function', () => {
    const message = 'What makes the RequestLocal "a" is a function: new RequestLocal(name, () => value).';
    expect(() => new RequestLocal('a', 1 as never)).toThrow(developerError('E_REQUEST_LOCAL', message));
  });

  test('is what is to be called and is no function', () => {
    const wrong = (taker: string): object =>
      developerError('E_REQUEST_LOCAL', `${taker} takes a function, not 5.`);
    expect(() => RequestLocal.bind(5 as never)).toThrow(wrong('RequestLocal.bind'));
    expect(() => WORD.run('x', 5 as never)).toThrow(wrong('run of the RequestLocal "word"'));
  });
});

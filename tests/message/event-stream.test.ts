/** Server-sent events as a response. */
import { EventEmitter, on, once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, jest, test } from '@jest/globals';
import { EventStreamResponse, lastEventId, type ServerSentEvents } from '../../src/message/event-stream.js';
import { request } from '../../src/hosts/testing/request.js';
import { developerError } from '../support/errors.js';
import { deferred } from '../support/serve.js';

/** How a host reads a response, and how it lets go of one. */
function open(events: ServerSentEvents, options = {}): Required<AsyncIterator<string, undefined>> {
  const stream = new EventStreamResponse(events, options).takeStream() as AsyncIterable<string>;
  return stream[Symbol.asyncIterator]() as Required<AsyncIterator<string, undefined>>;
}

async function textOf(events: ServerSentEvents, options = {}): Promise<string> {
  let text = '';
  const stream = open(events, options);
  for (let step = await stream.next(); !step.done; step = await stream.next()) text += step.value;
  return text;
}

const END = { done: true, value: undefined };
const ALIVE = { done: false, value: ':\n\n' };
const never = (): Promise<never> => new Promise(() => undefined);

describe('EventStreamResponse', () => {
  test('says what it is, and that nobody may keep it', () => {
    const { status, headers } = new EventStreamResponse([]);
    expect(status).toBe(200);
    expect([...headers]).toEqual([
      ['Content-Type', 'text/event-stream; charset=utf-8'],
      ['Cache-Control', 'no-cache, no-transform'],
      ['X-Accel-Buffering', 'no'],
    ]);
  });

  test('takes headers over its own', () => {
    const { headers } = new EventStreamResponse([], { headers: { 'cache-control': 'no-store', 'X-A': 'b' } });
    expect([headers.getAll('cache-control'), headers.get('x-a')]).toEqual([['no-store'], 'b']);
  });

  const sources: [string, () => ServerSentEvents][] = [
    ['an array', () => ['a', { data: 'b' }]],
    [
      'a generator',
      function* () {
        yield 'a';
        yield { data: 'b' };
      },
    ],
    [
      'an async generator',
      async function* () {
        yield 'a';
        yield await Promise.resolve({ data: 'b' });
      },
    ],
    ['a Node stream', () => Readable.from(['a', 'b'])],
    ['a web stream', () => webStream(['a', 'b'])],
  ];

  test.each(sources)('sends what %s gives', async (_name, source) => {
    expect(await textOf(source())).toBe(':\n\ndata: a\n\ndata: b\n\n');
  });

  test('begins with the delay for connecting again', async () => {
    expect(await textOf(['a'], { retry: 500 })).toBe('retry: 500\n\ndata: a\n\n');
  });

  test('has its first bytes before the source is asked', async () => {
    const asked = jest.fn(never);
    const stream = open({ [Symbol.asyncIterator]: () => ({ next: asked }) });
    expect(await stream.next()).toEqual(ALIVE);
    expect(asked).not.toHaveBeenCalled();
  });

  test('asks for one event at a time, and only when somebody waits for it', async () => {
    let asked = 0;
    const stream = open(
      (function* () {
        for (;;) yield String(++asked);
      })(),
    );
    await stream.next();
    expect(asked).toBe(0);
    for (const n of [1, 2, 3]) {
      expect(await stream.next()).toEqual({ done: false, value: `data: ${n}\n\n` });
      expect(asked).toBe(n);
    }
  });

  test('stays at its end', async () => {
    const stream = open(['a']);
    for (let i = 0; i < 2; i++) await stream.next();
    for (let i = 0; i < 3; i++) expect(await stream.next()).toEqual(END);
    expect(await stream.return()).toEqual(END);
  });
});

describe('a sign of life', () => {
  test('is sent whenever the source was silent for so long, and what comes then is not lost', async () => {
    const gate = deferred<string>();
    const stream = open(
      (async function* () {
        yield await gate.promise;
      })(),
      { heartbeat: 5 },
    );
    for (let i = 0; i < 4; i++) expect(await stream.next()).toEqual(ALIVE);
    // It comes while nobody waits.
    gate.resolve('late');
    await gate.promise;
    await new Promise(setImmediate);
    expect(await stream.next()).toEqual({ done: false, value: 'data: late\n\n' });
    expect(await stream.next()).toEqual(END);
  });

  test('does not hide an error that comes after it', async () => {
    const gate = deferred();
    const stream = open(
      (async function* () {
        await gate.promise;
        yield 'x';
        throw new Error('broken');
      })(),
      { heartbeat: 5 },
    );
    for (let i = 0; i < 2; i++) expect(await stream.next()).toEqual(ALIVE);
    gate.resolve();
    await new Promise(setImmediate);
    expect(await stream.next()).toEqual({ done: false, value: 'data: x\n\n' });
    await expect(stream.next()).rejects.toThrow('broken');
  });

  test('comes after 15 seconds, and its timer ends with the wait', async () => {
    jest.useFakeTimers();
    try {
      const gate = deferred<string>();
      const stream = open(
        (async function* () {
          yield await gate.promise;
          yield await never();
        })(),
      );
      await stream.next();
      expect(jest.getTimerCount()).toBe(0);
      const first = stream.next();
      await jest.advanceTimersByTimeAsync(14_999);
      expect(jest.getTimerCount()).toBe(1);
      await jest.advanceTimersByTimeAsync(1);
      expect(await first).toEqual(ALIVE);
      expect(jest.getTimerCount()).toBe(0);
      const second = stream.next();
      gate.resolve('x');
      expect(await second).toEqual({ done: false, value: 'data: x\n\n' });
      expect(jest.getTimerCount()).toBe(0);
      const third = stream.next();
      expect(jest.getTimerCount()).toBe(1);
      await stream.return();
      expect([await third, jest.getTimerCount()]).toEqual([END, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is never sent with 0', async () => {
    jest.useFakeTimers();
    try {
      const stream = open({ [Symbol.asyncIterator]: () => ({ next: never }) }, { heartbeat: 0 });
      await stream.next();
      const waiting = stream.next();
      expect(jest.getTimerCount()).toBe(0);
      await stream.return();
      expect(await waiting).toEqual(END);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([-1, 1.5, NaN, 2 ** 31])('every %d milliseconds is refused', (heartbeat) => {
    expect(() => new EventStreamResponse([], { heartbeat })).toThrow(
      developerError(
        'E_SETTING',
        `EventStreamResponse.heartbeat: ${heartbeat} is not a whole number of milliseconds, 0 to 2147483647.`,
      ),
    );
  });
});

describe('a client that leaves', () => {
  test('ends a generator that has been asked for nothing', async () => {
    const log: string[] = [];
    const stream = open(
      (function* () {
        try {
          yield 'a';
          yield 'b';
        } finally {
          log.push('ended');
        }
      })(),
    );
    for (let i = 0; i < 2; i++) await stream.next();
    expect(await stream.return()).toEqual(END);
    expect(log).toEqual(['ended']);
    expect(await stream.next()).toEqual(END);
    await stream.return();
    expect(log).toEqual(['ended']);
  });

  test('is told to a source that is being waited for, at once', async () => {
    const log: string[] = [];
    const stream = open({
      [Symbol.asyncIterator]: () => ({
        next: never,
        return: () => {
          log.push('return');
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    });
    await stream.next();
    const waiting = stream.next();
    expect(await stream.return()).toEqual(END);
    expect([await waiting, log]).toEqual([END, ['return']]);
  });

  test('is heard by a generator as soon as its wait ends', async () => {
    const gate = deferred();
    const ended = deferred();
    const stream = open(
      (async function* () {
        try {
          await gate.promise;
          yield 'never sent';
        } finally {
          ended.resolve();
        }
      })(),
    );
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual(END);
    gate.resolve();
    await ended.promise;
  });

  test('destroys a Node stream that has nothing to give', async () => {
    const readable = new Readable({ objectMode: true, read: () => undefined });
    const stream = open(readable);
    await stream.next();
    const waiting = stream.next();
    const closed = once(readable, 'close');
    await stream.return();
    await closed;
    expect(await waiting).toEqual(END);
  });

  test('takes the listeners of events.on() away', async () => {
    const emitter = new EventEmitter();
    const stream = open(on(emitter, 'tick') as AsyncIterable<string>);
    await stream.next();
    void stream.next();
    expect(emitter.listenerCount('tick')).toBe(1);
    await stream.return();
    expect(emitter.listenerCount('tick')).toBe(0);
  });

  test('hears what a source that is free throws while it ends', async () => {
    const stream = open(
      (function* () {
        try {
          yield 'a';
        } finally {
          throw new Error('cannot end');
        }
      })(),
    );
    for (let i = 0; i < 2; i++) await stream.next();
    await expect(stream.return()).rejects.toThrow('cannot end');
  });

  test('hears nothing of what a source that was waited for throws later', async () => {
    const stream = open({
      [Symbol.asyncIterator]: () => ({ next: never, return: () => Promise.reject(new Error('late')) }),
    });
    await stream.next();
    void stream.next();
    expect(await stream.return()).toEqual(END);
  });
});

describe('a source that fails', () => {
  test('fails the stream', async () => {
    const stream = open(
      (function* () {
        yield 'a';
        throw new Error('broken');
      })(),
    );
    for (let i = 0; i < 2; i++) await stream.next();
    await expect(stream.next()).rejects.toThrow('broken');
    expect(await stream.next()).toEqual(END);
  });

  test('with an event that cannot be sent is ended', async () => {
    const log: string[] = [];
    const stream = open(
      (function* () {
        try {
          yield { event: 'a\nb' };
        } finally {
          log.push('ended');
        }
      })(),
    );
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ code: 'E_EVENT' });
    expect([await stream.next(), log]).toEqual([END, ['ended']]);
  });

  test('with an event that cannot be sent tells of that, not of what its end throws', async () => {
    const stream = open({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: { retry: -1 } }),
        return: () => Promise.reject(new Error('cannot end')),
      }),
    });
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ code: 'E_EVENT' });
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', 'a string'],
    [{ data: 'x' }, 'an object'],
  ])('cannot be %j', (events, what) => {
    expect(() => new EventStreamResponse(events as unknown as string[])).toThrow(
      developerError('E_EVENT', `Events come from a generator or another iterable object, not from ${what}.`),
    );
  });
});

describe('lastEventId', () => {
  test.each([
    [undefined, undefined],
    ['42', '42'],
    ['', undefined],
    ['a b;c=d', 'a b;c=d'],
    [Buffer.from('ž-7').toString('latin1'), 'ž-7'],
    ['\xff\xfe', undefined],
    ['x'.repeat(1024), 'x'.repeat(1024)],
    ['x'.repeat(1025), undefined],
  ])('of %j is %j', (header, id) => {
    const headers = header === undefined ? undefined : { 'Last-Event-ID': header };
    expect(lastEventId(request('/', headers && { headers }))).toBe(id);
  });
});

function webStream(values: readonly string[]): AsyncIterable<string> {
  return Readable.toWeb(Readable.from(values));
}

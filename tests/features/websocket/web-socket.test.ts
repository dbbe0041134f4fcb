/** WebSockets in process: handshakes, conversations, limits, closing, frames of every kind. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  createGuard,
  Get,
  HttpError,
  Post,
  TextResponse,
  type Guard,
  type HandlerLike,
  type Request,
  UpgradeResponse,
} from 'obol';
import { cascade, mount, urlMap } from 'obol/composition';
import { Session, sessions } from 'obol/session';
import { request, TestClient, type TestWebSocket, type TestWebSocketInit } from 'obol/testing';
import {
  channel,
  rooms,
  webSocket,
  type ConnectionCallbacks,
  type ConversationHandler,
  type Sendable,
  type WebSocketOptions,
} from 'obol/websocket';
import { connectionPair } from '../../../src/hosts/testing/connection-pair.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { heapUsed } from '../../support/memory.js';
import { developerError } from '../../support/errors.js';

const echo: ConversationHandler = async function* (messages) {
  for await (const message of messages) yield message;
};

const logger = collectingLogger();

/** A client of one handler, as a controller returns it. */
async function clientOf(
  handler: ConversationHandler | ConnectionCallbacks = echo,
  options?: WebSocketOptions,
): Promise<TestClient> {
  @Controller()
  class SocketController {
    @Get('/ws')
    open() {
      return webSocket(handler, options);
    }

    @Post('/ws')
    post() {
      return webSocket(handler, options);
    }
  }
  const app = await bootstrap({ controllers: [SocketController], logger });
  return new TestClient(app, { headers: { Accept: 'text/plain' } });
}

async function open(
  handler?: ConversationHandler | ConnectionCallbacks,
  options?: WebSocketOptions,
  init?: TestWebSocketInit,
): Promise<TestWebSocket> {
  return (await clientOf(handler, options)).webSocket('/ws', { expect: 101, ...init });
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ASKED = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': KEY,
};

describe('the opening handshake', () => {
  test('is answered by the digest of the key (RFC 6455 1.3)', async () => {
    const socket = await open(echo, {}, { headers: ASKED });
    expect([...socket.headers].filter(([name]) => /^sec-/i.test(name))).toEqual([
      ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ]);
    await socket.close();
  });

  test.each<[status: number, what: string, changed: Record<string, string | undefined>]>([
    [101, 'names in any case', { Connection: 'keep-alive, upGRADE', Upgrade: 'WebSocket' }],
    [101, 'other protocols beside', { Upgrade: 'h2c, websocket' }],
    [101, 'empty content that is announced', { 'Content-Length': '0' }],
    [426, 'no Upgrade', { Upgrade: undefined }],
    [426, 'no Upgrade and no Connection', { Upgrade: undefined, Connection: undefined }],
    [426, 'no Connection', { Connection: undefined }],
    [426, 'Connection without upgrade', { Connection: 'keep-alive' }],
    [426, 'another protocol', { Upgrade: 'echo' }],
    [426, 'a version of the protocol in Upgrade', { Upgrade: 'websocket/13' }],
    [426, 'no version', { 'Sec-WebSocket-Version': undefined }],
    [426, 'version 8', { 'Sec-WebSocket-Version': '8' }],
    [426, 'version 14', { 'Sec-WebSocket-Version': '14' }],
    [426, 'version 13.0', { 'Sec-WebSocket-Version': '13.0' }],
    [426, 'versions 13 and 8', { 'Sec-WebSocket-Version': '13, 8' }],
    [426, 'an empty version', { 'Sec-WebSocket-Version': '' }],
    [400, 'no key', { 'Sec-WebSocket-Key': undefined }],
    [400, 'an empty key', { 'Sec-WebSocket-Key': '' }],
    [400, 'a short key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' }],
    [400, 'a long key', { 'Sec-WebSocket-Key': `AA${KEY}` }],
    [400, 'a key that is no base64', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j!Q==' }],
    [400, 'a key in base64url', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub2_j-Q==' }],
    [400, 'two keys', { 'Sec-WebSocket-Key': `${KEY}, ${KEY}` }],
    [400, 'content', { 'Content-Length': '5' }],
    [400, 'content in chunks', { 'Transfer-Encoding': 'chunked' }],
    [400, 'an expectation', { Expect: '100-continue' }],
    [400, 'no list of protocols', { 'Sec-WebSocket-Protocol': 'a,,b' }],
    [400, 'a protocol twice', { 'Sec-WebSocket-Protocol': 'a, b, a' }],
    [400, 'a protocol that is no token', { 'Sec-WebSocket-Protocol': 'a, b c' }],
    [400, 'a protocol and many spaces', { 'Sec-WebSocket-Protocol': `b${' '.repeat(4000)}x` }],
    [403, 'a foreign origin', { Origin: 'https://evil.example' }],
    [403, 'the same host by another scheme', { Origin: 'https://localhost' }],
    [403, 'the same host at another port', { Origin: 'http://localhost:8080' }],
    [403, 'no origin of its own', { Origin: 'null' }],
    [403, 'an origin that ends alike', { Origin: 'http://evil-localhost' }],
    [403, 'a page of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    [101, 'the own origin', { Origin: 'http://localhost' }],
    [101, 'the own site', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://public.example' }],
  ])('answers %i to %s', async (status, _, changed) => {
    const client = await clientOf();
    const fields = Object.entries<string | undefined>({ ...ASKED, ...changed });
    const headers = fields.filter((field): field is [string, string] => field[1] !== undefined);
    if (status === 101) {
      const socket = await client.webSocket('/ws', { headers });
      expect(socket.status).toBe(101);
      await socket.close();
      return;
    }
    const { status: got, headers: answered } = await client.get('/ws', { headers });
    expect(got).toBe(status);
    if (status === 426) {
      expect(answered.get('upgrade')).toBe('websocket');
      const isOfVersion = 'Sec-WebSocket-Version' in changed;
      expect(answered.get('sec-websocket-version')).toBe(isOfVersion ? '13' : undefined);
    }
  });
});

test('opens for pages of other origins that are named, and of all with a star', async () => {
  const origins = ['https://shop.example'];
  const from = (Origin: string): TestWebSocketInit => ({ headers: { Origin }, expect: 'any' });
  const status = async (options: WebSocketOptions, origin: string): Promise<number> =>
    (await open(echo, options, from(origin))).status;
  expect(await status({ origins }, 'https://shop.example')).toBe(101);
  expect(await status({ origins }, 'http://localhost')).toBe(101);
  expect(await status({ origins }, 'https://shop.example.evil')).toBe(403);
  expect(await status({ origins: '*' }, 'https://anywhere.example')).toBe(101);
  expect(await status({ origins: '*' }, 'null')).toBe(101);
});

test('says in the log, not to the client, why a page is refused', async () => {
  const socket = await open(echo, {}, { headers: { Origin: 'https://evil.example' }, expect: 403 });
  expect(await socket.text()).not.toContain('evil.example');
  expect(logger.notes.at(-1)).toContain('Origin: "https://evil.example"');
});

describe('a subprotocol', () => {
  test.each<[WebSocketOptions['protocols'], string[], string | undefined]>([
    [undefined, ['a'], undefined],
    [['a'], ['a'], 'a'],
    [['b', 'a'], ['a', 'b'], 'b'],
    [['a'], ['b'], undefined],
    [['A'], ['a'], undefined],
    [['a'], [], undefined],
    [(offered) => offered.at(-1), ['a', 'b'], 'b'],
    [() => 'c', ['a', 'b'], undefined],
    [() => undefined, ['a'], undefined],
  ])('of %j for %j is %j', async (protocols, offered, expected) => {
    let seen: string | undefined = 'none';
    const handler: ConnectionCallbacks = {
      open: ({ protocol }) => {
        seen = protocol;
      },
    };
    const socket = await open(handler, { protocols }, offered.length > 0 ? { protocols: offered } : {});
    expect([socket.protocol, seen]).toEqual([expected, expected]);
    await socket.close();
  });
});

describe('what comes before', () => {
  const login: Guard = (request) => {
    if (request.args.getFirst('token') !== 'demo') throw new HttpError(401);
    request.user = 'smith';
  };
  const Login = createGuard('Login', () => login);
  const greet = (name: string): ConversationHandler =>
    async function* () {
      yield name;
    };

  @Controller()
  class RoomController {
    constructor(private readonly session: Session<{ visits: number }>) {}

    @Get('/rooms/<room>')
    @Login()
    enter(req: Request, room: string) {
      this.session.set('visits', 1);
      return webSocket(greet(`${String(req.user)} in ${room}`));
    }
  }

  async function client(): Promise<TestClient> {
    const app = await bootstrap({
      controllers: [RoomController],
      features: [sessions({ keys: [randomBytes(32)] })],
      logger,
    });
    return new TestClient(app);
  }

  test('is a guard, whose refusal is a response', async () => {
    const refused = await (
      await client()
    ).webSocket('/rooms/a', { headers: { Origin: 'http://evil.example' } });
    expect(refused.status).toBe(401);
    expect(() => {
      refused.send('hello');
    }).toThrow('There is no WebSocket: http://localhost/rooms/a answered with 401');
    await expect(refused.next()).rejects.toThrow('closed with 1006');
  });

  test('then the origin', async () => {
    const headers = { Origin: 'http://evil.example' };
    const refused = await (await client()).webSocket('/rooms/a', { headers, query: { token: 'demo' } });
    expect(refused.status).toBe(403);
  });

  test('is a session, whose cookie comes with the 101', async () => {
    const asking = await client();
    const socket = await asking.webSocket('/rooms/garden?token=demo');
    expect(socket.status).toBe(101);
    expect(socket.headers.get('set-cookie')).toMatch(/^SESSID=/);
    expect(await socket.next()).toBe('smith in garden');
    expect(await socket.closed).toEqual({ code: 1000, reason: '' });
  });
});

describe('an application with WebSockets', () => {
  test.each<[string, string, (app: HandlerLike) => HandlerLike]>([
    ['below a mount', '/in/ws', (app) => mount('/in', app)],
    ['on a map of URLs', '/in/ws', (app) => urlMap({ '/in': app })],
    ['in a cascade', '/ws', (app) => cascade([() => new TextResponse('no', { status: 404 }), app])],
    ['in another', '/in/ws', (app) => mount('/in', cascade([app]))],
  ])('%s opens them, and refuses what opens none', async (_, path, around) => {
    @Controller()
    class SocketController {
      @Get('/ws')
      open() {
        return webSocket(echo);
      }
    }
    const client = new TestClient(around(await bootstrap({ controllers: [SocketController], logger })));
    const socket = await client.webSocket(path, { expect: 101 });
    socket.send('a');
    expect(await socket.next()).toBe('a');
    expect((await socket.close()).code).toBe(1000);
    await client.get(path, { expect: 426 });
    await client.webSocket(path, { headers: { Origin: 'http://evil.example' }, expect: 403 });
  });
});

describe('a generator', () => {
  test('gets text and bytes, and yields text, bytes and JSON', async () => {
    const socket = await open(async function* (messages) {
      for await (const message of messages) yield message;
      yield 'never';
    });
    socket.send('čaj');
    socket.send(Buffer.from([0, 255]));
    socket.send('');
    expect([await socket.next(), await socket.next(), await socket.next()]).toEqual([
      'čaj',
      Buffer.from([0, 255]),
      '',
    ]);
    expect(await socket.close(4000, 'enough')).toEqual({ code: 4000, reason: 'enough' });
  });

  test.each<[Sendable, string | Buffer]>([
    ['text', 'text'],
    [new Uint8Array([1, 2]), Buffer.from([1, 2])],
    [new Uint8Array([1, 2]).buffer, Buffer.from([1, 2])],
    [new Uint16Array([1]), Buffer.from([1, 0])],
    [{ a: 1 }, '{"a":1}'],
    [[1], '[1]'],
    [null, 'null'],
    [false, 'false'],
    [1, '1'],
  ])('sends %j as %j', async (value, expected) => {
    const socket = await open(function* () {
      yield value;
    });
    expect(await socket.next()).toEqual(expected);
    expect(await socket.closed).toEqual({ code: 1000, reason: '' });
  });

  test.each<[what: string, message: string | Buffer]>([
    ...[0, 125, 126, 127, 4096, 4097, 65_535, 65_536].flatMap((length): [string, string | Buffer][] => [
      [`${String(length)} characters`, 'a'.repeat(length)],
      [`${String(length)} bytes`, Buffer.alloc(length, 1)],
    ]),
    ['4,096 characters of three bytes each', '€'.repeat(4096)],
    ['half a character', '\ud800'],
  ])('sends %s', async (_, message) => {
    const socket = await open(function* () {
      yield message;
    });
    const received = await socket.next();
    expect([typeof received, Buffer.from(message).equals(Buffer.from(received))]).toEqual([
      typeof message,
      true,
    ]);
    expect((await socket.closed).code).toBe(1000);
  });

  test('that never waits lets all others have their turn', async () => {
    const socket = await open(function* () {
      for (;;) yield 'x';
    });
    expect(await socket.next()).toBe('x');
    expect(await socket.close()).toEqual({ code: 1000, reason: '' });
  });

  test('that throws closes with 1011, with a line in the log', async () => {
    const socket = await open(async function* () {
      yield 'first';
      throw new Error('no room');
    });
    expect(await socket.next()).toBe('first');
    expect(await socket.closed).toEqual({ code: 1011, reason: '' });
    expect(String(logger.errors.at(-1))).toContain('no room');
  });

  test('that yields what is no JSON closes with 1011', async () => {
    const socket = await open(function* () {
      yield undefined as unknown as string;
    });
    expect(await socket.closed).toEqual({ code: 1011, reason: '' });
    expect(String(logger.errors.at(-1))).toContain('JSON has no text for the type undefined');
  });

  test('may be a function that sends by itself, and takes no messages', async () => {
    const socket = await open(async (_messages, connection) => {
      await connection.send({ name: 'smith' });
      connection.close(3000, 'done');
    });
    expect(await socket.nextJson()).toEqual({ name: 'smith' });
    expect(await socket.closed).toEqual({ code: 3000, reason: 'done' });
  });

  test('that waits for something else is ended when the client leaves', async () => {
    const steps: string[] = [];
    const never: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          steps.push('return');
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const socket = await open(() => never);
    for (let i = 0; i < 100; i++) socket.send('ignored'.repeat(1000));
    expect(await socket.close()).toEqual({ code: 1000, reason: '' });
    await sleep(0);
    expect(steps).toEqual(['return']);
  });

  test('that never ends does when the connection is closed', async () => {
    const steps: string[] = [];
    const socket = await open(async function* (messages, connection) {
      try {
        await messages.next();
        connection.close(3000);
        for (;;) yield 'x';
      } finally {
        steps.push('finally');
      }
    });
    socket.send('go');
    expect((await socket.closed).code).toBe(3000);
    await until(() => steps.length > 0);
    expect(steps).toEqual(['finally']);
  });

  test('that waits with the signal of the request leaves no line in the log when the client leaves', async () => {
    const before = logger.errors.length;
    let isOver = false;
    const socket = await open(async (_messages, { request: asked }) => {
      try {
        await sleep(60_000, undefined, { signal: asked.signal });
      } finally {
        isOver = true;
      }
    });
    await socket.close();
    await until(() => isOver);
    await sleep(0);
    expect(logger.errors).toHaveLength(before);
  });

  test('whose cleaning up fails leaves a line in the log, and ends nothing else', async () => {
    const socket = await open(async function* () {
      try {
        for (;;) {
          yield 'x';
          await sleep(1);
        }
      } finally {
        throw new Error('no cleaning');
      }
    });
    await socket.next();
    socket.destroy();
    await until(() => logger.errors.at(-1)?.includes('no cleaning') === true);
  });

  test('goes on for as long as the connection, and the request with it', async () => {
    let signal: AbortSignal | undefined;
    const socket = await open((messages, { request }) => {
      signal = request.signal;
      return messages;
    });
    socket.send('a');
    await socket.next();
    expect(signal?.aborted).toBe(false);
    socket.destroy();
    expect(await socket.closed).toEqual({ code: 1006, reason: '' });
    await sleep(0);
    expect(signal?.aborted).toBe(true);
  });
});

describe('messages', () => {
  test('are given in the order in which they are asked for', async () => {
    const ends: boolean[] = [];
    const socket = await open(async (messages, connection) => {
      const steps = await Promise.all([messages.next(), messages.next(), messages.next()]);
      await connection.send(steps.map((step) => String(step.value)));
      const last = await Promise.all([messages.next(), messages.next()]);
      ends.push(...last.map(({ done = false }) => done));
    });
    for (const text of ['a', 'b', 'c']) socket.send(text);
    expect(await socket.nextJson()).toEqual(['a', 'b', 'c']);
    await socket.close();
    await until(() => ends.length > 0);
    expect(ends).toEqual([true, true]);
  });
});

describe('callbacks', () => {
  test('are called one after another', async () => {
    const calls: string[] = [];
    const socket = await open({
      open: async () => {
        await sleep(1);
        calls.push('open');
      },
      message: async (message, connection) => {
        await sleep(0);
        calls.push(String(message));
        await connection.send(`got ${String(message)}`);
      },
      close: ({ code, reason }) => calls.push(`close ${String(code)} ${reason}`),
      error: () => calls.push('error'),
    });
    socket.send('a');
    socket.send('b');
    expect([await socket.next(), await socket.next()]).toEqual(['got a', 'got b']);
    await socket.close(1000, 'bye');
    await sleep(0);
    expect(calls).toEqual(['open', 'a', 'b', 'close 1000 bye']);
  });

  test('take what came at once one by one, be they quick or slow', async () => {
    const calls: string[] = [];
    const socket = await open({
      message: (message, connection) => {
        calls.push(String(message));
        if (message === 'slow') return sleep(1);
        return connection.send(message);
      },
    });
    socket.write(Buffer.concat(['a', 'slow', 'b', 'c'].map((text) => frame(0x81, text))));
    expect([await socket.next(), await socket.next(), await socket.next()]).toEqual(['a', 'b', 'c']);
    expect(calls).toEqual(['a', 'slow', 'b', 'c']);
  });

  test.each(['open', 'error', 'close'])('that reject do as well, %s', async (name) => {
    const calls: number[] = [];
    const socket = await open({
      close: ({ code }) => calls.push(code),
      [name]: () => Promise.reject(new Error(`no ${name}`)),
    });
    if (name !== 'open') socket.write(Buffer.from([0xff, 0xff]));
    expect((await socket.closed).code).toBe(name === 'open' ? 1011 : 1002);
    await until(() => logger.errors.at(-1)?.includes(`no ${name}`) === true);
    await sleep(0);
    expect(calls).toHaveLength(name === 'close' ? 0 : 1);
  });

  test('hear of frames that are none', async () => {
    const calls: string[] = [];
    const socket = await open({
      error: ({ message }) => calls.push(message),
      close: ({ code }) => calls.push(String(code)),
    });
    socket.write(Buffer.from([0xff, 0xff]));
    expect((await socket.closed).code).toBe(1002);
    await sleep(0);
    expect(calls).toEqual(['Invalid WebSocket frame: RSV2 and RSV3 must be clear', '1006']);
  });

  test('that throw close with 1011, and close() is called all the same', async () => {
    const calls: number[] = [];
    const socket = await open({
      message: () => {
        throw new Error('no idea');
      },
      close: ({ code }) => calls.push(code),
    });
    socket.send('a');
    expect((await socket.closed).code).toBe(1011);
    await sleep(0);
    expect([calls, String(logger.errors.at(-1))]).toEqual([[1011], expect.stringContaining('no idea')]);
  });

  test.each<[string, unknown]>([
    ['none', {}],
    ['no function', { message: 'x' }],
    ['a name that is none', { onmessage: () => undefined }],
    ['text', 'x'],
    ['nothing', undefined],
  ])('refuse %s', (_, handler) => {
    expect(() => webSocket(handler as ConversationHandler)).toThrow(
      developerError(
        'E_SETTING',
        'webSocket: give a function of the messages, or an object of the callbacks open, message, close and error.',
      ),
    );
  });
});

/** A frame of a client. @param first the first byte @param mask '' for none */
function frame(first: number, payload: Uint8Array | string = '', { isMasked = true } = {}): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? [bytes.length]
      : bytes.length < 65_536
        ? [126, bytes.length >> 8, bytes.length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >> shift) & 255)];
  length[0] = (length[0] ?? 0) | (isMasked ? 128 : 0);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from([first, ...length]), Buffer.alloc(isMasked ? 4 : 0), bytes]);
}

const closeFrame = (code: number, reason: string | Uint8Array = ''): Buffer =>
  frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

describe('frames (RFC 6455 5)', () => {
  test.each<[what: string, bytes: Buffer[], messages: (string | Buffer)[]]>([
    ['empty text', [frame(0x81)], ['']],
    ['text in two pieces', [frame(0x01, 'a'), frame(0x80, 'b')], ['ab']],
    ['text in pieces, the last empty', [frame(0x01, 'a'), frame(0x00), frame(0x80)], ['a']],
    ['bytes in pieces', [frame(0x02, 'a'), frame(0x80, 'b')], [Buffer.from('ab')]],
    ['a ping between pieces', [frame(0x01, 'a'), frame(0x89, 'p'), frame(0x80, 'b')], ['ab']],
    ['a character cut in two', [frame(0x01, Buffer.from([0xc3])), frame(0x80, Buffer.from([0xa9]))], ['é']],
    ['a pong that was not asked for', [frame(0x8a, 'x'), frame(0x81, 'a')], ['a']],
    ['the longest control frame', [frame(0x89, 'p'.repeat(125)), frame(0x81, 'a')], ['a']],
    ['125 bytes', [frame(0x81, 'a'.repeat(125))], ['a'.repeat(125)]],
    ['126 bytes', [frame(0x81, 'a'.repeat(126))], ['a'.repeat(126)]],
    ['65535 bytes', [frame(0x81, 'a'.repeat(65_535))], ['a'.repeat(65_535)]],
    ['65536 bytes', [frame(0x81, 'a'.repeat(65_536))], ['a'.repeat(65_536)]],
  ])('%s are taken', async (_, bytes, messages) => {
    const socket = await open();
    // Cut where nothing ends.
    const all = Buffer.concat(bytes);
    socket.write(all.subarray(0, 1));
    socket.write(all.subarray(1));
    for (const message of messages) expect(await socket.next()).toEqual(message);
    expect((await socket.close()).code).toBe(1000);
  });

  test.each<[code: number, what: string, bytes: Buffer]>([
    [1002, 'no mask', frame(0x81, 'a', { isMasked: false })],
    [1002, 'RSV1 without an extension', frame(0xc1, 'a')],
    [1002, 'RSV2', frame(0xa1, 'a')],
    [1002, 'RSV3', frame(0x91, 'a')],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) => [1002, `opcode ${String(opcode)}`, frame(0x80 | opcode)] as [number, string, Buffer],
    ),
    [1002, 'a continuation of nothing', frame(0x80, 'a')],
    [1002, 'a first piece of nothing', frame(0x00, 'a')],
    [1002, 'text within text', Buffer.concat([frame(0x01, 'a'), frame(0x81, 'b')])],
    [1002, 'bytes within text', Buffer.concat([frame(0x01, 'a'), frame(0x02, 'b')])],
    [1002, 'a ping in pieces', frame(0x09, 'a')],
    [1002, 'a close in pieces', frame(0x08, '')],
    [1002, 'a long ping', frame(0x89, 'a'.repeat(126))],
    [1002, 'a long pong', frame(0x8a, 'a'.repeat(126))],
    [1002, 'a long close', closeFrame(1000, 'a'.repeat(124))],
    [1002, 'a close of one byte', frame(0x88, 'a')],
    [1009, 'a length that no number has', Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
    [1007, 'text that is no UTF-8', frame(0x81, Buffer.from([0xc3, 0x28]))],
    [1007, 'text that is overlong', frame(0x81, Buffer.from([0xc0, 0xaf]))],
    [1007, 'a surrogate', frame(0x81, Buffer.from([0xed, 0xa0, 0x80]))],
    [1007, 'text that ends in a character', frame(0x81, Buffer.from([0xe2, 0x82]))],
    [1007, 'a reason that is no UTF-8', closeFrame(1000, Buffer.from([0xff]))],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
      (code) => [1002, `close ${String(code)}`, closeFrame(code)] as [number, string, Buffer],
    ),
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
      (code) => [code, `close ${String(code)}`, closeFrame(code)] as [number, string, Buffer],
    ),
    [1005, 'a close without a code', frame(0x88)],
  ])('the answer is %i to %s', async (code, _, bytes) => {
    const socket = await open();
    socket.write(bytes);
    expect((await socket.closed).code).toBe(code);
    expect(logger.errors).toHaveLength(errors());
  });

  test('broken ones close where all that clients send is ignored', async () => {
    const socket = await open(() => new Promise(() => undefined));
    socket.send('ignored');
    socket.write(frame(0xc1, 'a'));
    expect((await socket.closed).code).toBe(1002);
  });
});

/** Those that tests above have made on purpose. */
function errors(): number {
  return (errorCount ??= logger.errors.length);
}
let errorCount: number | undefined;

describe('limits', () => {
  test.each<[code: number | 'none', what: string, options: WebSocketOptions, bytes: () => Buffer]>([
    ['none', 'a message of 1 MiB', {}, () => frame(0x82, Buffer.alloc(2 ** 20))],
    [1009, 'one byte more', {}, () => frame(0x82, Buffer.alloc(2 ** 20 + 1))],
    [
      1009,
      'two pieces that are more',
      {},
      () => Buffer.concat([frame(2, Buffer.alloc(2 ** 20)), frame(0x80, 'a')]),
    ],
    [1009, 'a head that announces more', {}, () => Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 16, 0, 1])],
    [1009, 'more than the option', { maxMessageSize: 4 }, () => frame(0x81, 'hello')],
    ['none', 'as much as the option', { maxMessageSize: 5 }, () => frame(0x81, 'hello')],
    ['none', '1,024 pieces', {}, () => pieces(1024)],
    [1008, '1,025 pieces', {}, () => pieces(1025)],
    [
      1008,
      'empty pieces',
      {},
      () => Buffer.concat([frame(1), ...Array.from({ length: 1025 }, () => frame(0))]),
    ],
    [1008, 'more pieces than the option', { maxFragments: 2 }, () => pieces(3)],
  ])('%s to %s', async (code, _, options, bytes) => {
    const socket = await open(echo, options);
    socket.write(bytes());
    if (code === 'none') await socket.next();
    else expect((await socket.closed).code).toBe(code);
    socket.destroy();
  });

  function pieces(count: number): Buffer {
    const middle = Array.from({ length: count - 2 }, () => frame(0, 'b'));
    return Buffer.concat([frame(1, 'a'), ...middle, frame(0x80, 'c')]);
  }
});

describe('a channel', () => {
  const everyone = channel<string | { from: string }>();
  const talk: ConnectionCallbacks = {
    open: (socket) => everyone.join(socket),
    message: (message, socket) => {
      everyone.send(String(message), { except: message === 'others' ? socket : undefined });
    },
  };

  test('reaches all that have joined, and forgets those that have left', async () => {
    const client = await clientOf(talk);
    const [a, b] = [await client.webSocket('/ws'), await client.webSocket('/ws')];
    a.send('all');
    expect([await a.next(), await b.next()]).toEqual(['all', 'all']);
    a.send('others');
    expect(await b.next()).toBe('others');
    everyone.send({ from: 'server' });
    expect([await a.nextJson(), await b.nextJson()]).toEqual([{ from: 'server' }, { from: 'server' }]);
    expect(everyone.size).toBe(2);
    await a.close();
    b.destroy();
    await b.closed;
    await sleep(0);
    expect(everyone.size).toBe(0);
    everyone.send('to no one');
  });

  test('may be left, and joined twice to no effect', async () => {
    let leave: (() => void) | undefined;
    const socket = await open({
      open: (connection) => {
        everyone.join(connection);
        leave = everyone.join(connection);
      },
    });
    await sleep(0);
    expect(everyone.size).toBe(1);
    leave?.();
    leave?.();
    expect(everyone.size).toBe(0);
    await socket.close();
  });

  test('of a name is there while it has members', async () => {
    const chats = rooms<string>();
    const socket = await open({
      open: (connection) => chats.of('garden').join(connection),
      message: (text) => {
        chats.of(String(text)).send(`to ${String(text)}`);
      },
    });
    socket.send('kitchen');
    socket.send('garden');
    expect(await socket.next()).toBe('to garden');
    expect([chats.size, chats.of('garden').size, chats.of('kitchen').size]).toEqual([1, 1, 0]);
    await socket.close();
    await sleep(0);
    expect(chats.size).toBe(0);
  });

  test('is not joined by a connection that is closed', async () => {
    const socket = await open({ close: (_, connection) => everyone.join(connection) });
    await socket.close();
    await sleep(0);
    expect(everyone.size).toBe(0);
  });
});

/** A conversation on a connection whose other end the test reads as it likes. */
async function taken(
  handler: ConversationHandler | ConnectionCallbacks,
  options?: WebSocketOptions,
): Promise<{ readonly client: Duplex; readonly drain: () => void; readonly received: () => Buffer }> {
  const asked = request('/ws', { headers: ASKED });
  const answer = webSocket(handler, options).toResponse(asked);
  if (!(answer instanceof UpgradeResponse)) throw new Error('It is no upgrade');
  const [client, socket] = connectionPair();
  const drain = new AbortController();
  void answer.takeOver({ socket, head: frame(0x81, 'early'), closing: drain.signal });
  await sleep(0);
  return {
    client,
    drain: () => {
      drain.abort();
    },
    received: () => (client.read() as Buffer | null) ?? Buffer.alloc(0),
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(1);
}

describe('a connection', () => {
  /** All but the clock and the intervals. */
  const REAL = [
    'nextTick',
    'setImmediate',
    'setTimeout',
    'clearTimeout',
    'queueMicrotask',
    'performance',
  ] as const;
  afterEach(() => {
    jest.useRealTimers();
  });

  test('begins with what came right behind the request', async () => {
    const { received } = await taken(echo);
    expect(received()).toEqual(Buffer.from('\x81\x05early', 'latin1'));
  });

  test('is closed with 1001 when the server closes', async () => {
    const { drain, received } = await taken(() => new Promise(() => undefined));
    drain();
    await sleep(0);
    expect(received().subarray(2)).toEqual(Buffer.from('\x03\xe9The server closes', 'latin1'));
  });

  test('makes what awaits send() wait for a client that does not read, and goes on when it does', async () => {
    let sent = 0;
    const { client } = await taken(async (_messages, socket) => {
      for (; sent < 100; sent++) await socket.send(Buffer.alloc(100_000));
    });
    for (let i = 0; i < 20; i++) await sleep(0);
    expect(sent).toBeLessThan(5);
    client.resume();
    await until(() => sent === 100);
  });

  test('makes a generator wait as well', async () => {
    let made = 0;
    const { client } = await taken(function* () {
      for (; made < 100; made++) yield Buffer.alloc(100_000);
    });
    for (let i = 0; i < 20; i++) await sleep(0);
    expect(made).toBeLessThan(5);
    client.resume();
    await until(() => made === 100);
  });

  test('is closed with 1008 when more is sent than may wait', async () => {
    let isOpen = true;
    const { client } = await taken((_messages, socket) => {
      for (let i = 0; i < 20 && socket.isOpen; i++) void socket.send(Buffer.alloc(100_000));
      isOpen = socket.isOpen;
      return new Promise(() => undefined);
    });
    expect(isOpen).toBe(false);
    const chunks: Buffer[] = [];
    client.on('data', (chunk: Buffer) => chunks.push(chunk));
    await sleep(5);
    const bytes = Buffer.concat(chunks);
    expect(bytes.length).toBeLessThan(2 ** 20 + 200_000);
    expect(bytes.subarray(-26)).toEqual(
      Buffer.from('\x03\xf0Too much waits to be read', 'latin1').subarray(-26),
    );
  });

  test('reads no more than 64 KiB ahead of a handler', async () => {
    const gate = new AbortController();
    let count = 0;
    const { client } = await taken(async (messages) => {
      await once(gate.signal, 'abort');
      for await (const message of messages) count += message.length;
    });
    let written = 0;
    for (let i = 0; i < 50; i++) {
      if (client.write(frame(0x82, Buffer.alloc(10_000)))) await sleep(0);
      else break;
      written++;
    }
    expect(written).toBeLessThan(40);
    gate.abort();
    await until(() => count > written * 10_000);
  });

  test('pings a client every 30 seconds, and cuts one that is not heard for 60', async () => {
    jest.useFakeTimers({ now: 0, doNotFake: [...REAL] });
    const { client } = await taken(echo);
    const frames: Buffer[] = [];
    client.on('data', (chunk: Buffer) => frames.push(chunk));
    jest.advanceTimersByTime(29_999);
    await sleep(0);
    expect(Buffer.concat(frames)).toEqual(Buffer.from('\x81\x05early', 'latin1'));
    jest.advanceTimersByTime(1);
    await sleep(0);
    expect(frames.at(-1)).toEqual(Buffer.from([0x89, 0]));
    jest.advanceTimersByTime(29_999);
    await sleep(0);
    expect(client.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    await sleep(0);
    expect(client.destroyed).toBe(true);
  });

  test.each<[timeout: number, pingInterval: number | undefined, first: number]>([
    [10_000, undefined, 5000],
    [60_000, 120_000, 30_000],
    [10_000, 2000, 2000],
    [1, undefined, 1],
  ])('with timeout %j and pingInterval %j is pinged after %i ms', async (timeout, pingInterval, first) => {
    jest.useFakeTimers({ now: 0, doNotFake: [...REAL] });
    const { client } = await taken(() => new Promise(() => undefined), { timeout, pingInterval });
    const frames: Buffer[] = [];
    client.on('data', (chunk: Buffer) => frames.push(chunk));
    jest.advanceTimersByTime(first - 1);
    await sleep(0);
    expect(frames).toEqual([]);
    jest.advanceTimersByTime(1);
    await sleep(0);
    // Where there is time for no ping at all, it is cut.
    expect(timeout === 1 ? client.destroyed : frames).toEqual(timeout === 1 || [Buffer.from([0x89, 0])]);
  });

  test('is kept where the client answers pings', async () => {
    jest.useFakeTimers({ now: 0, doNotFake: [...REAL] });
    const socket = await open();
    for (let i = 0; i < 10; i++) {
      jest.advanceTimersByTime(30_000);
      await sleep(0);
    }
    expect((await socket.close()).code).toBe(1000);
  });

  test('is kept where the handler is slow, so that nothing is read', async () => {
    jest.useFakeTimers({ now: 0, doNotFake: [...REAL] });
    const socket = await open((_messages) => new Promise(() => undefined));
    socket.send('x'.repeat(70_000));
    for (let i = 0; i < 10; i++) {
      await sleep(0);
      jest.advanceTimersByTime(30_000);
    }
    expect(() => {
      socket.send('x');
    }).not.toThrow();
  });

  test('cannot be closed with a code that is none', async () => {
    const socket = await open((_messages, connection) => {
      connection.close(1006);
    });
    expect((await socket.closed).code).toBe(1011);
  });
});

/** Text as a compressed message. */
function packed(text: string): Buffer {
  return frame(0xc1, deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4));
}

test('compresses where it may, and both have agreed', async () => {
  const fields = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
  const plain = await open(echo, {}, { headers: fields });
  expect(plain.headers.get('sec-websocket-extensions')).toBeUndefined();
  const compressing = await open(echo, { deflate: true }, { headers: fields });
  expect(compressing.headers.get('sec-websocket-extensions')).toBe('permessage-deflate');
  const unasked = await open(echo, { deflate: true });
  expect(unasked.headers.get('sec-websocket-extensions')).toBeUndefined();
  const bad = { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99' };
  await open(echo, { deflate: true }, { headers: bad, expect: 400 });
  for (const socket of [plain, unasked]) {
    socket.write(frame(0x81, 'plain'));
    expect(await socket.next()).toBe('plain');
    await socket.close();
  }
  compressing.write(packed('text'));
  // As it came: this client does not decompress.
  expect((await compressing.next()).length).toBeGreaterThan(0);
  compressing.write(packed('x'.repeat(2 ** 20 + 1)));
  expect((await compressing.closed).code).toBe(1009);
});

test.each<[WebSocketOptions, string]>([
  [
    { pingIntervall: 1 } as WebSocketOptions,
    'webSocket.pingIntervall: there is no such option. Did you mean "pingInterval"?',
  ],
  [
    { origins: ['shop.example'] },
    'webSocket.origins[0]: "shop.example" is not an origin as browsers send it; write "https://shop.example.com".',
  ],
  [{ protocols: ['a b'] }, 'webSocket.protocols[0]: "a b" is not the name of a protocol, such as "chat.v2".'],
  [{ maxMessageSize: 0 }, 'webSocket.maxMessageSize: 0 is not a whole number of bytes, 1 to 2147483647.'],
])('refuses the options %j', (options, message) => {
  expect(() => webSocket(echo, options)).toThrow(developerError('E_SETTING', message));
});

test('keeps nothing of handshakes that it refuses', async () => {
  const client = await clientOf();
  const refuse = async (): Promise<void> => {
    for (let i = 0; i < 300; i++)
      await client.webSocket('/ws', { headers: { Origin: 'http://evil.example' } });
  };
  await refuse();
  const before = await heapUsed();
  await refuse();
  expect((await heapUsed()) - before).toBeLessThan(300_000);
});

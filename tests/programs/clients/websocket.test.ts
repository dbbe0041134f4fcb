/** WebSockets as real clients see them: ws, Node's own, Python's websockets, and Chromium. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, createGuard, Get, type Request, type RunningServer } from 'obol';
import { Unauthorized } from 'obol/errors';
import { webSocket, type ConversationHandler } from 'obol/websocket';
import { WebSocket as WsSocket } from 'ws';
import { collectingLogger } from '../../support/collecting-logger.js';
import { SampleInBrowser } from '../../support/browser.js';
import { RawClient } from '../../support/raw-client.js';
import { sample } from '../../support/sample.js';

const site = sample('websocket');
const contracts = sample('contracts');

const echo: ConversationHandler = async function* (messages) {
  for await (const message of messages) yield message;
};

const CheckToken = createGuard('CheckToken', () => ({ args }: Request) => {
  if (args.getFirst('token') !== 'demo') throw new Unauthorized({ challenges: ['Bearer'] });
});

@Controller()
class Sockets {
  @Get('/echo') echo() {
    return webSocket(echo);
  }

  @Get('/deflate') deflate() {
    return webSocket(echo, { deflate: true, protocols: ['chat.v2', 'chat.v1'] });
  }

  @Get('/bye') bye() {
    return webSocket((messages) => messages.next());
  }

  @Get('/small') small() {
    return webSocket(echo, { maxMessageSize: 16 });
  }

  @Get('/throws') throws() {
    return webSocket({
      message: () => {
        throw new Error('on purpose');
      },
    });
  }

  @Get('/guarded') @CheckToken() guarded() {
    return webSocket(echo);
  }

  @Get('/page') page() {
    return 'no WebSocket';
  }
}

const logger = collectingLogger();
let server: RunningServer;

beforeAll(async () => {
  const app = await bootstrap({ controllers: [Sockets], logger });
  server = await app.listen({ port: 0, signals: false });
});

afterAll(() => server.close());

const SCRIPT = fileURLToPath(new URL('websocket.py', import.meta.url));

const inWs = (url: string): string => url.replace('http', 'ws');

describe("Python's websockets", () => {
  type Seen = Readonly<Record<string, unknown>>;
  let seen: Readonly<Record<'plain' | 'unwanted' | 'deflate' | 'closed' | 'refused', Seen>>;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)('/usr/bin/python3', [SCRIPT, inWs(server.url)]);
    seen = JSON.parse(stdout) as typeof seen;
  });

  const spoken = {
    received: ['čaj', '', 70_000, 'in three pieces'],
    bytes: [
      [0, 255],
      [49, 50],
    ],
    pong: true,
    closed: [1000, ''],
  };

  test.each([
    ['plain', { extensions: [], protocol: null }],
    ['unwanted', { extensions: [], protocol: null }],
    ['deflate', { extensions: ['permessage-deflate'], protocol: 'chat.v2' }],
  ] as const)('talks in text, bytes, pieces and pings, %s', (how, agreed) => {
    expect(seen[how]).toEqual({ ...spoken, ...agreed });
  });

  test('is closed for what each of the codes says', () => {
    expect(seen.closed).toEqual({
      'as it likes': 4000,
      leaving: 1001,
      'by the handler': 1000,
      'not masked': 1002,
      'reserved bit': 1002,
      'not UTF-8': 1007,
      'too large': 1009,
      'too large, packed': 1009,
      'what throws': 1011,
    });
    expect(logger.errors).toEqual([expect.stringContaining('on purpose')]);
  });

  test('is refused with an ordinary answer', () => {
    expect(seen.refused).toEqual({
      'no login': 401,
      login: 101,
      foreign: 403,
      own: 101,
      'not there': 404,
      'no WebSocket': 200,
    });
  });

  test.each([
    ['websocket', '/ws', [/^open$/, /^Hello$/, /^You said <b>a &lt; b<\/b>$/]],
    ['contracts', '/live?token=demo', [/^open$/, /^\{"id":1,"title":"Tea"/]],
  ])('talks to the sample %s', async (name, path, expected) => {
    const { url } = name === 'websocket' ? site : contracts;
    const child = spawn('/usr/bin/python3', [SCRIPT, inWs(url), path, 'a < b']);
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      if (lines.push(line) === 1 && name === 'contracts') await addIssue();
      if (lines.length === expected.length) break;
    }
    child.kill();
    expected.forEach((pattern, index) => {
      expect(lines[index]).toMatch(pattern);
    });
  });

  async function addIssue(): Promise<void> {
    const headers = { Authorization: 'Bearer demo', 'Content-Type': 'application/json' };
    await fetch(`${contracts.url}/issues`, { method: 'POST', headers, body: '{"title":"Tea"}' });
  }
});

test('ws packs messages where both have agreed, pieces of them, too', async () => {
  const socket = new WsSocket(`${server.url.replace('http', 'ws')}/deflate`, {
    perMessageDeflate: { threshold: 0 },
  });
  await once(socket, 'open');
  expect(socket.extensions).toBe('permessage-deflate');
  socket.send('to ', { fin: false });
  socket.send('gether', { fin: true });
  expect(String((await once(socket, 'message'))[0])).toBe('to gether');
  for (const size of [0, 1, 5000, 100_000]) {
    socket.send(Buffer.alloc(size, 7));
    expect((await once(socket, 'message'))[0]).toHaveLength(size);
  }
  socket.ping('here');
  expect(String((await once(socket, 'pong'))[0])).toBe('here');
  socket.close(3999, 'enough');
  expect((await once(socket, 'close')).map(String)).toEqual(['3999', 'enough']);
});

describe('ws', () => {
  test.each([false, true])('talks, compression %j', async (perMessageDeflate) => {
    const socket = new WsSocket(`${site.url.replace('http', 'ws')}/ws`, { perMessageDeflate });
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    await once(socket, 'open');
    socket.send('a < b');
    await until(() => messages.length === 2);
    expect(messages[0]).toMatch(/Hello$/);
    expect(messages[1]).toMatch(/<b>a &lt; b<\/b>$/);
    socket.close(1000);
    expect((await once(socket, 'close'))[0]).toBe(1000);
  });

  test('is refused with 403 for a page of another site', async () => {
    const socket = new WsSocket(`${site.url.replace('http', 'ws')}/ws`, { origin: 'https://evil.example' });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 403');
  });
});

/** Known to Node from 22 on. */
const NodeSocket = (
  globalThis as { WebSocket?: new (url: string) => EventTarget & { send(text: string): void } }
).WebSocket;

(NodeSocket ? test : test.skip)("Node's own talks", async () => {
  if (!NodeSocket) return;
  const socket = new NodeSocket(`${site.url.replace('http', 'ws')}/ws`);
  const messages: string[] = [];
  socket.addEventListener('message', (event) => {
    messages.push((event as Event & { data: string }).data);
    if (messages.length === 1) socket.send('x');
  });
  await until(() => messages.length === 2);
  expect(messages[1]).toMatch(/<b>x<\/b>$/);
});

test('a plain request gets 426 with Upgrade, on a connection that lives on', async () => {
  const client = await RawClient.connect(site.port);
  for (const fields of [[], ['Connection: Upgrade', 'Upgrade: other']]) {
    const response = await client.request('GET /ws', fields).response();
    expect([response.status, response.header('upgrade')]).toEqual([426, 'websocket']);
    expect(response.fields.filter(([name]) => name === 'connection')).toEqual([
      ['connection', 'Upgrade'],
      ['connection', 'keep-alive'],
    ]);
  }
  client.destroy();
});

test.each([
  ['HTTP/1.0', 'GET /ws HTTP/1.0\r\nHost: a\r\n', ''],
  ['content', 'GET /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n', 'x'],
])('%s is answered with 400', async (_, head, body) => {
  const client = await RawClient.connect(site.port);
  client.send(
    `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${body}`,
  );
  expect((await client.response()).status).toBe(400);
  client.destroy();
});

test('the page talks in Chromium', async () => {
  const browser = await SampleInBrowser.start('websocket');
  const { page, complaints } = await browser.open('/');
  await page.locator('#log li', { hasText: 'Hello' }).waitFor();
  await page.getByLabel('Text').fill('<i>tea</i>');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('#log b', { hasText: '<i>tea</i>' }).waitFor();
  expect(complaints).toEqual([]);
  await browser.stop();
});

test('is closed with 1001 when the server closes', async () => {
  const socket = new WsSocket(`${site.url.replace('http', 'ws')}/ws`);
  const closed = once(socket, 'close');
  await once(socket, 'open');
  await site.stop();
  expect((await closed)[0]).toBe(1001);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

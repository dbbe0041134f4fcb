/** samples/websocket as real clients see it: ws, Node's own, and Chromium. */
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket as WsSocket } from 'ws';
import { SampleInBrowser } from '../../support/browser.js';
import { RawClient } from '../../support/raw-client.js';
import { sample } from '../../support/sample.js';

const site = sample('websocket');

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
}, 30_000);

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

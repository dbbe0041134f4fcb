import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import {
  GeneratorResponse,
  NoContentResponse,
  NotModifiedResponse,
  Response,
  TextResponse,
  type Response as AnyResponse,
} from 'obol';
import { DEFAULT_SETTINGS } from '../../../src/answering/default-settings.js';
import { Request } from '../../../src/message/request.js';
import { Pipeline } from '../../../src/hosts/node/pipeline.js';
import { canPrepareHeads } from '../../../src/hosts/node/prepared-head.js';
import { Sender } from '../../../src/hosts/node/send.js';
import { Upgrades } from '../../../src/hosts/node/upgrade.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { RawClient } from '../../support/raw-client.js';

/** Everything a server sends for one request, its responses sent with heads prepared or not. */
async function bytesOf(respond: () => AnyResponse, head: string, preparesHeads: boolean): Promise<string> {
  const logger = collectingLogger();
  const sender = new Sender({
    pipeline: new Pipeline(),
    upgrades: new Upgrades(),
    keepAliveTimeout: 65_000,
    preparesHeads,
  });
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
    void sender.send(
      {
        request: new Request(incoming, { ...DEFAULT_SETTINGS, logger }),
        incoming,
        outgoing,
        hasBody: false,
        slot: -1,
      },
      respond(),
    );
  });
  server.maxRequestsPerSocket = 1000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.send(`${head}\r\nHost: a\r\n\r\n`);
  const method = head.split(' ')[0] ?? '';
  const response = await client.response(method);
  client.destroy();
  server.close();
  expect(logger.errors).toEqual([]);
  const bytes = response.head.toString('latin1') + response.body.toString('latin1');
  return bytes.replace(/^Date: .*GMT\r$/m, 'Date: now\r');
}

const GET = 'GET / HTTP/1.1';
const latin1 = { 'X-Name': 'J\xfcrgen' };

const cases: [string, string, () => AnyResponse][] = [
  ['text', GET, () => new TextResponse('text')],
  ['text beyond ASCII', GET, () => new TextResponse('žluťoučký')],
  ['bytes', GET, () => new Response(Buffer.from([0, 128, 255]))],
  ['nothing', GET, () => new TextResponse('')],
  ['a header in Latin-1', GET, () => new TextResponse('text', { headers: latin1 })],
  ['a header in Latin-1 before text beyond ASCII', GET, () => new TextResponse('žluť', { headers: latin1 })],
  [
    'several fields of a name',
    GET,
    () => new TextResponse('', { headers: { 'Set-Cookie': ['a=1', 'b=2'] } }),
  ],
  [
    'a date of its own',
    GET,
    () => new TextResponse('', { headers: { Date: 'Sun, 06 Nov 1994 08:49:37 GMT' } }),
  ],
  ['the last of a connection', GET, () => new TextResponse('', { headers: { Connection: 'close' } })],
  ['no content', GET, () => new NoContentResponse()],
  ['not modified', GET, () => new NotModifiedResponse({ etag: '"a"' })],
  ['status 205', GET, () => new TextResponse('', { status: 205 })],
  ['an unknown status', GET, () => new TextResponse('a', { status: 599 })],
  ['HEAD', 'HEAD / HTTP/1.1', () => new TextResponse('text')],
  ['HEAD of a stream', 'HEAD / HTTP/1.1', () => new GeneratorResponse(['a'])],
  ['HEAD of a stream of known length', 'HEAD / HTTP/1.1', () => new GeneratorResponse(['a'], { length: 1 })],
  ['HTTP/1.0', 'GET / HTTP/1.0', () => new TextResponse('text')],
  ['HTTP/1.0 that stays', 'GET / HTTP/1.0\r\nConnection: keep-alive', () => new TextResponse('text')],
  ['Connection: close', `${GET}\r\nConnection: close`, () => new TextResponse('text')],
];

test('this Node takes prepared heads', () => {
  expect(canPrepareHeads()).toBe(true);
});

describe('a prepared head and one that node:http puts together are the same:', () => {
  test.each(cases)('%s', async (_name, head, respond) => {
    const prepared = await bytesOf(respond, head, true);
    expect(prepared).toMatch(/^HTTP\/1\.1 \d{3} [^\r\n]+\r\n/);
    expect(await bytesOf(respond, head, false)).toBe(prepared);
  });
});

/** Servers behind a proxy that speak TLS: whose certificate counts, by which name, and what becomes of those that say nothing. */
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { createServer as createSilentServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { proxy, type ProxyOptions } from 'obol/proxy';
import { TestFolder } from '../../support/folder.js';
import { serve } from '../../support/serve.js';
import { makeCertificate } from './certificate.js';

const folder = new TestFolder();
const { cert, key } = makeCertificate(folder.path, 'upstream');
const ca = readFileSync(cert);
const names: string[] = [];
const upstream = createServer({ cert: ca, key: readFileSync(key) }, (incoming, outgoing) => {
  outgoing.end(incoming.headers.host);
});
const silent = createSilentServer();

beforeAll(async () => {
  upstream.on('secureConnection', ({ servername }: { servername: string | false }) => {
    names.push(String(servername));
  });
  for (const server of [upstream, silent]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  upstream.close();
  silent.close();
  folder.remove();
});

const portOf = (server: typeof silent): string => String((server.address() as AddressInfo).port);

test.each<[string, () => ProxyOptions, number, string[]]>([
  [
    'is trusted by its authority',
    () => ({ upstreams: `https://localhost:${portOf(upstream)}`, tls: { ca } }),
    200,
    ['localhost'],
  ],
  [
    'may be named by its address',
    () => ({ upstreams: `https://127.0.0.1:${portOf(upstream)}`, tls: { ca } }),
    200,
    ['false'],
  ],
  ['of an unknown authority is 502', () => ({ upstreams: `https://localhost:${portOf(upstream)}` }), 502, []],
  [
    'of another name is 502',
    () => ({ upstreams: `https://localhost:${portOf(upstream)}`, tls: { ca, servername: 'other.example' } }),
    502,
    [],
  ],
  [
    'that says nothing is 504',
    () => ({ upstreams: `https://localhost:${portOf(silent)}`, connectTimeout: 100 }),
    504,
    [],
  ],
  [
    'that says nothing is passed over',
    () => ({
      upstreams: [`https://localhost:${portOf(silent)}`, `https://localhost:${portOf(upstream)}`],
      connectTimeout: 100,
      tls: { ca },
    }),
    200,
    ['localhost'],
  ],
])('a server %s', async (_, options, status, expected) => {
  names.length = 0;
  const { server, port } = await serve(proxy(options()));
  // The Host of the client says nothing of the name in the certificate.
  const reply = await fetch(`http://127.0.0.1:${String(port)}/`);
  await server.close();
  expect(reply.status).toBe(status);
  expect(reply.ok ? names : []).toEqual(expected);
});

/** samples/proxy as its readers start it: between nginx and nginx, curl and ws, under a load of 10 MB, and left by its clients. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { TestFolder } from '../../support/folder.js';
import { forgetPeak, HAS_PROC, openDescriptors, peakMemory } from '../../support/proc.js';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';

const MIB = 1024 * 1024;
const SIZE = 10 * MIB;
const run = promisify(execFile);
const folder = new TestFolder();
const nginxes: ChildProcess[] = [];
const programs: Program[] = [];
/** Answers with what it gets; `/silent` never, `/endless` for ever. */
const upstream: Server = createServer((incoming, outgoing) => {
  if (incoming.url === '/silent') return;
  if (incoming.url === '/endless') {
    outgoing.write('begun');
    return;
  }
  outgoing.writeHead(200, { 'X-Host': incoming.headers.host, 'X-For': incoming.headers['x-forwarded-for'] });
  incoming.pipe(outgoing);
});
const sockets = new Set<Socket>();
let upstreamUrl = '';
let sample: Running;

interface Running {
  readonly program: Program;
  readonly port: number;
  readonly pid: number;
}

async function proxyTo(upstreams: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const program = new Program(['--import', '@oxc-node/core/register', 'samples/proxy/main.ts'], {
    UPSTREAMS: upstreams,
    PORT: '0',
    ...env,
  });
  programs.push(program);
  const [, port] = await program.prints(/Listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
  return { program, port: Number(port), pid: Number(program.process.pid) };
}

/** An nginx with this in its `server`; its port. */
async function nginx(name: string, server: string): Promise<number> {
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path temp;`,
  );
  folder.file(
    `${name}.conf`,
    `daemon off; master_process off; pid ${name}.pid; error_log stderr crit; events {} http { access_log off; ${temporary.join(' ')}
    server { listen 127.0.0.1:${String(port)}; ${server} } }`,
  );
  const child = spawn('nginx', ['-p', folder.path, '-c', `${name}.conf`, '-e', 'stderr'], {
    stdio: 'ignore',
  });
  nginxes.push(child);
  await until(() => reachable(port));
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function curl(...args: string[]): Promise<string> {
  return (
    await run('curl', ['-sS', '--max-time', '20', ...args], { encoding: 'latin1', maxBuffer: 2 * SIZE })
  ).stdout;
}

beforeAll(async () => {
  const ws = new WebSocketServer({ server: upstream });
  ws.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    }),
  );
  upstream.on('connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  upstreamUrl = `http://127.0.0.1:${String((upstream.address() as AddressInfo).port)}`;
  sample = await proxyTo(upstreamUrl);
});
afterAll(async () => {
  for (const child of nginxes) child.kill();
  await Promise.all(programs.map((program) => program.stop()));
  upstream.closeAllConnections();
  upstream.close();
  folder.remove();
});

const at = (port: number, path = '/'): string => `http://127.0.0.1:${String(port)}${path}`;

test('without servers it says how they are named', async () => {
  const { port } = await proxyTo('');
  expect(await curl(at(port))).toContain('UPSTREAMS=http://');
});

test('a server that says nothing is 504 in time, one that is not there 502, and of two the one that is there answers', async () => {
  const dead = `http://127.0.0.1:${String(await freePort())}`;
  const slow = await proxyTo(upstreamUrl, { UPSTREAM_TIMEOUT: '300' });
  expect(await curl('-o', '/dev/null', '-w', '%{http_code}', at(slow.port, '/silent'))).toBe('504');
  expect(await curl('-o', '/dev/null', '-w', '%{http_code}', at((await proxyTo(dead)).port))).toBe('502');
  expect(await curl('-d', 'hello', at((await proxyTo(`${dead},${upstreamUrl}`)).port))).toBe('hello');
});

describe('nginx', () => {
  test('behind it serves a file, a part of it, and nothing that has not changed', async () => {
    folder.file('file.txt', '0123456789');
    const { port } = await proxyTo(
      at(await nginx('behind', `root ${folder.path}; location = /moved { return 302 /file.txt; }`), ''),
    );
    expect(await curl(at(port, '/file.txt'))).toBe('0123456789');
    expect(await curl('-r', '2-4', at(port, '/file.txt'))).toBe('234');
    const [, etag = ''] = /^etag: (.*)\r$/im.exec(await curl('-I', at(port, '/file.txt'))) ?? [];
    expect(await curl('-w', '%{http_code}', '-H', `If-None-Match: ${etag}`, at(port, '/file.txt'))).toBe(
      '304',
    );
    expect(await curl('-L', at(port, '/moved'))).toBe('0123456789');
    expect(await curl('-w', '%{http_code}', '-o', '/dev/null', at(port, '/none'))).toBe('404');
  });

  test('before it passes on what it gets, over connections that are kept and others', async () => {
    const before = await nginx(
      'before',
      `location / { proxy_pass http://127.0.0.1:${String(sample.port)}; } location /kept { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://127.0.0.1:${String(sample.port)}; }`,
    );
    expect(await curl('-d', 'hello', at(before))).toBe('hello');
    expect(await curl('-d', 'hello', at(before, '/kept'), at(before, '/kept'))).toBe('hellohello');
    expect(await curl('-H', 'Transfer-Encoding: chunked', '-d', 'hello', at(before, '/kept'))).toBe('hello');
  });
});

describe('curl', () => {
  test('gets what it sends, with the Host that it has named', async () => {
    const reply = await curl('-i', '-H', 'Host: example.org', '-d', 'hello', at(sample.port));
    expect(reply).toMatch(/^X-Host: example\.org\r$/m);
    expect(reply).toMatch(/^X-For: 127\.0\.0\.1\r$/m);
    expect(reply).toMatch(/\r\n\r\nhello$/);
  });

  test('waits for 100 before it sends a long body, and by HTTP/1.0 gets what it asks for', async () => {
    const file = folder.file('long.txt', 'x'.repeat(MIB));
    expect(
      (await curl('-H', 'Expect: 100-continue', '--data-binary', `@${file}`, at(sample.port))).length,
    ).toBe(MIB);
    expect(await curl('-0', '-d', 'hello', at(sample.port))).toBe('hello');
  });
});

test('a WebSocket passes through: text, bytes, and the end', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${String(sample.port)}/`);
  await once(socket, 'open');
  const bytes = randomBytes(300_000);
  const received: Buffer[] = [];
  socket.on('message', (data: Buffer) => received.push(data));
  socket.send('hello');
  socket.send(bytes);
  await until(() => received.length === 2);
  expect([received[0]?.toString(), received[1]?.equals(bytes)]).toEqual(['hello', true]);
  socket.close(4001, 'bye');
  expect(await once(socket, 'close')).toEqual([4001, Buffer.from('bye')]);
});

describe('10 MB in and 10 MB out at once', () => {
  const body = randomBytes(SIZE);

  async function echoed(port: number, fields: string, bytes: Buffer): Promise<boolean> {
    const client = await RawClient.connect(port);
    client.request('POST /', [fields]).send(bytes);
    const reply = await client.response();
    client.destroy();
    return reply.complete && reply.body.equals(bytes);
  }

  test('end', async () => {
    expect(await echoed(sample.port, `Content-Length: ${String(SIZE)}`, body)).toBe(true);
  });

  (HAS_PROC ? test : test.skip)('cost less than 8 MiB of memory', async () => {
    // As much in small pieces costs code, and garbage until the collector comes: what it leaves free is none of the cost of one long one.
    forgetPeak(sample.pid);
    for (let round = 0; round < 60; round++)
      await echoed(sample.port, `Content-Length: ${String(MIB)}`, body.subarray(0, MIB));
    const before = peakMemory(sample.pid);
    forgetPeak(sample.pid);
    await echoed(sample.port, `Content-Length: ${String(SIZE)}`, body);
    const rise = (peakMemory(sample.pid) - before) / 1024;
    if (process.env['FIGURES']) process.stderr.write(`${rise.toFixed(1)} MiB for 10 MB in and out\n`);
    expect(rise).toBeLessThan(8);
  });
});

(HAS_PROC ? describe : describe.skip)('clients that leave', () => {
  test.each([
    ['before the answer', 'GET /silent', [], ''],
    ['in the answer', 'GET /endless', [], ''],
    ['in the body', 'POST /', ['Content-Length: 100000'], 'x'.repeat(5000)],
    ['in the body of a silent one', 'POST /silent', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n'],
  ])('%s end the request of the server and leave no socket', async (_when, line, fields, sent) => {
    await until(() => sockets.size === 0);
    const before = openDescriptors(sample.pid);
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(sample.port)));
    for (const client of clients) client.request(line, fields, sent);
    await until(() => sockets.size === 20);
    for (const client of clients) client.destroy();
    await until(() => sockets.size === 0 && openDescriptors(sample.pid) <= before);
    expect(sample.program.output).not.toContain('rror');
  });
});

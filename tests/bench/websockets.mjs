// WebSockets of Obol beside ws alone: what an open one holds, what a message costs, and what refused handshakes leave
// behind. By hand: node tests/bench/websockets.mjs [--sockets 5000] [--rounds 7] [--messages 50000] [--refused 10000]

import { once } from 'node:events';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { buildHere } from './builds.mjs';
import { separateCores } from './cores.mjs';
import { endProgress, progress } from './progress.mjs';
import { startServer, stopServers } from './server-process.mjs';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '7' },
    messages: { type: 'string', default: '50000' },
    refused: { type: 'string', default: '10000' },
    'no-build': { type: 'boolean', default: false },
  },
});
const [sockets, rounds, messages, refused] = ['sockets', 'rounds', 'messages', 'refused'].map((name) =>
  Number(values[name]),
);

const bare = { name: 'ws alone', command: ['servers/websocket-bare.mjs'], path: '/' };
const obol = ['callbacks', 'generator', 'guarded'].map((name) => ({
  name,
  command: ['dist/obol-websocket.js'],
  path: `/${name}?token=demo`,
}));
/** Connections that echo at a time, each with one message under way. */
const CONNECTIONS = 32;
const OPENING_AT_A_TIME = 50;
/** Of a round of messages. */
const SLICES = 20;

const payload = Buffer.from('{"from":"ann","text":"Forty-eight characters!!"}');
/** As a client sends it, under a mask that changes nothing, and how long it is as a server sends it. */
const message = Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
const answerLength = 2 + payload.length;

const asks = ['Connection: Upgrade', 'Upgrade: websocket'];
const version = 'Sec-WebSocket-Version: 13';
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

function headOf(path, fields, line = `GET ${path} HTTP/1.1`) {
  return `${[line, 'Host: 127.0.0.1', ...fields].join('\r\n')}\r\n\r\n`;
}

/** Heads that open no WebSocket, and the status of the answer to each. */
const BAD = [
  [426, headOf('/callbacks', [...asks, key, 'Sec-WebSocket-Version: 8'])],
  [426, headOf('/callbacks', [...asks, key])],
  [426, headOf('/callbacks', [version, key])],
  [400, headOf('/callbacks', [...asks, version])],
  [400, headOf('/callbacks', [...asks, version, 'Sec-WebSocket-Key: c2hvcnQ='])],
  [400, headOf('/callbacks', [...asks, version, key, 'Sec-WebSocket-Protocol: a, a'])],
  [400, headOf('/callbacks', [...asks, version, key], 'GET /callbacks HTTP/1.0')],
  [400, headOf('/callbacks', [...asks, version, key, 'Content-Length: 1']) + 'x'],
  [401, headOf('/guarded', [...asks, version, key])],
  [401, headOf('/guarded?token=none', [...asks, version, key, 'Sec-WebSocket-Protocol: chat'])],
  [403, headOf('/callbacks', [...asks, version, key, 'Origin: https://evil.example'])],
  [404, headOf('/nothing', [...asks, version, key])],
  [405, headOf('/callbacks', [...asks, version, key], 'PUT /callbacks HTTP/1.1')],
  [426, headOf('/callbacks', ['Connection: Upgrade', 'Upgrade: h3', version, key])],
];

/** Opens a WebSocket; gives the socket below it. */
async function open(port, path) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(headOf(path, [...asks, version, key]));
  const [head] = await once(socket, 'data');
  if (!head.latin1Slice(0, 12).endsWith('101')) throw new Error(`${path}: ${head.latin1Slice(0, 200)}`);
  return socket;
}

async function openMany(port, path, count) {
  const opened = [];
  while (opened.length < count) {
    const some = Math.min(OPENING_AT_A_TIME, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: some }, () => open(port, path)))));
  }
  return opened;
}

/** Bytes for each open connection, of a fresh process that has had as many before. */
async function memoryOf({ name, command, path }) {
  progress(`memory: ${name}`);
  const server = await startServer(command);
  await closeAll(await openMany(server.port, path, 500));
  const before = await settled(server);
  const opened = await openMany(server.port, path, sockets);
  for (const socket of opened) socket.write(message);
  const after = await settled(server);
  await closeAll(opened);
  const left = await settled(server);
  await server.stop();
  const each = (figure) => (after[figure] - before[figure]) / sockets;
  return {
    rss: each('rss'),
    heap: each('heapUsed'),
    external: each('external'),
    left: (left.heapUsed - before.heapUsed) / sockets,
  };
}

/** What the process holds once nothing is under way. */
async function settled(server) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  await server.ask('memory');
  return server.ask('memory');
}

async function closeAll(opened) {
  await Promise.all(
    opened.map((socket) => {
      const closed = once(socket.resume(), 'close');
      socket.destroy();
      return closed;
    }),
  );
}

/** Microseconds of server CPU for each message. */
async function echo({ server, path }, count) {
  const opened = await openMany(server.port, path, CONNECTIONS);
  const before = await server.ask('cpu');
  let sent = 0;
  await Promise.all(
    opened.map(
      (socket) =>
        new Promise((resolve) => {
          let due = 0;
          const next = () => {
            if (sent++ >= count) return resolve();
            due = answerLength;
            socket.write(message);
          };
          socket.on('data', (chunk) => {
            due -= chunk.length;
            if (due <= 0) next();
          });
          next();
        }),
    ),
  );
  const after = await server.ask('cpu');
  await closeAll(opened);
  return (after.user + after.system - before.user - before.system) / count;
}

async function measureEchoes() {
  const subjects = await Promise.all(
    [bare, ...obol.slice(0, 2)].map(async (subject) => ({
      ...subject,
      server: await startServer(subject.command),
      samples: [],
    })),
  );
  for (const subject of subjects) await echo(subject, messages);
  for (let round = 0; round < rounds; round++) {
    progress(`echo: round ${round + 1} of ${rounds}`);
    for (const subject of subjects) subject.samples.push(0);
    // In slices, so that what else runs meanwhile hits all alike.
    for (let slice = 0; slice < SLICES; slice++) {
      const turned = subjects.map((_, index) => subjects[(index + slice) % subjects.length]);
      for (const subject of turned)
        subject.samples[round] += (await echo(subject, messages / SLICES)) / SLICES;
    }
  }
  await Promise.all(subjects.map(({ server }) => server.stop()));
  const [reference] = subjects;
  return subjects.map(({ name, samples }) => {
    const ratios = samples.map((sample, round) => sample / reference.samples[round]);
    return {
      name,
      cpu: median(samples),
      ratio: median(ratios),
      from: Math.min(...ratios),
      to: Math.max(...ratios),
    };
  });
}

/** Bytes of heap that refused handshakes leave, and connections that stay. */
async function measureRefusals() {
  const server = await startServer(obol[0].command);
  await refuseMany(server.port, 2000);
  const before = await settled(server);
  await refuseMany(server.port, refused);
  const after = await settled(server);
  const connections = await server.ask('connections');
  await server.stop();
  return { heap: after.heapUsed - before.heapUsed, connections };
}

async function refuseMany(port, count) {
  progress(`${count} bad handshakes`);
  for (let i = 0; i < count; i += OPENING_AT_A_TIME)
    await Promise.all(
      Array.from({ length: OPENING_AT_A_TIME }, (_, j) => refuse(port, BAD[(i + j) % BAD.length])),
    );
}

/** The client leaves once it has read the status, whatever the server does with the connection. */
async function refuse(port, [status, head]) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(head);
  const [answer] = await once(socket, 'data');
  if (answer.latin1Slice(9, 12) !== String(status))
    throw new Error(`${head} got ${answer.latin1Slice(0, 200)}`);
  socket.on('error', () => {});
  socket.destroy();
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function kibibytes(bytes) {
  return (bytes / 1024).toFixed(2).padStart(8);
}

if (!values['no-build']) buildHere();
separateCores();
try {
  const memory = [];
  if (sockets > 0)
    for (const subject of [bare, ...obol]) memory.push({ ...subject, ...(await memoryOf(subject)) });
  const echoes = messages > 0 ? await measureEchoes() : [];
  const refusals = refused > 0 ? await measureRefusals() : undefined;
  endProgress();
  const [alone] = memory;
  for (const { name, rss, heap, external, left } of memory)
    console.log(
      `${name.padEnd(10)} KiB for each of ${sockets}: rss ${kibibytes(rss)} heap ${kibibytes(heap)} external ${kibibytes(external)}` +
        ` above ws: rss ${kibibytes(rss - alone.rss)} heap ${kibibytes(heap - alone.heap)}; left once closed ${kibibytes(left)}`,
    );
  for (const { name, cpu, ratio, from, to } of echoes)
    console.log(
      `${name.padEnd(10)} echo ${cpu.toFixed(2)} µs  ×ws ${ratio.toFixed(3)} (${from.toFixed(3)} to ${to.toFixed(3)})`,
    );
  if (refusals)
    console.log(
      `${refused} bad handshakes: heap ${kibibytes(refusals.heap)} KiB higher, ${refusals.connections} connections open`,
    );
} finally {
  await stopServers();
}

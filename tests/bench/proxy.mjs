// Proxy CPU of a GET of 1 KB, Obol's beside that of http-proxy-3, httpxy and @fastify/http-proxy, all over kept connections. By hand,
// once built and after `npm ci` in this folder: node tests/bench/proxy.mjs [--rounds 7] [--requests 10000]

import { parseArgs } from 'node:util';
import { separateCores } from './cores.mjs';
import { inTurn, requestBytes } from './load.mjs';
import { measure } from './measure.mjs';
import { endProgress } from './progress.mjs';
import { startServer, stopServers } from './server-process.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '10000' },
  },
});
const options = { rounds: Number(values.rounds), requests: Number(values.requests), connections: 32 };
const names = ['obol', 'http-proxy-3', 'httpxy', 'fastify'];

separateCores();
try {
  const upstream = await startServer(['servers/proxy-upstream.mjs']);
  const load = inTurn([requestBytes({ method: 'GET', path: '/' })]);
  const subjects = [];
  for (const name of names) {
    const server = await startServer([`servers/proxy-${name}.mjs`, String(upstream.port)]);
    subjects.push({ name, server, load, samples: [] });
  }
  await measure({ get: subjects }, { ...options, warmUp: options.requests });
  endProgress();
  for (const { name, samples } of subjects) {
    const all = samples.map(({ cpu }) => cpu).sort((a, b) => a - b);
    console.log(
      `${name.padEnd(14)}${all[all.length >> 1].toFixed(1).padStart(8)} µs  (${all[0].toFixed(1)} to ${all.at(-1).toFixed(1)})`,
    );
  }
} finally {
  await stopServers();
}

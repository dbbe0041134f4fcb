/**
 * `node tests/bench/contracts.mjs [rounds]`: server CPU of routes with contracts, of the same routes whose handlers call the schemas by
 * hand, in the same process, and of Fastify, in short blocks by turns. Needs the peers and what a run of the bench compiles.
 */
import { contractWorkloads } from './contract-workloads.mjs';
import { separateCores } from './cores.mjs';
import { inTurn, openConnections, requestBytes, sendRequests } from './load.mjs';
import { startServer, stopServers } from './server-process.mjs';

const ROUNDS = Number(process.argv[2] ?? 50);
const BLOCK = 400;
const WARM_UP = 6000;
const CONNECTIONS = 32;

separateCores();
try {
  const obol = await startServer(['dist/obol-contract.js']);
  const fastify = await startServer(['servers/contract-fastify.mjs']);
  for (const [workload, { requests }] of Object.entries(contractWorkloads)) {
    const subjects = [
      subject('by hand', obol, requests, '/by-hand'),
      subject('contract', obol, requests),
      subject('Fastify', fastify, requests),
    ];
    for (const each of subjects) await block(each, WARM_UP);
    for (let round = 0; round < ROUNDS; round++)
      for (const each of rotated(subjects, round)) each.samples.push(await block(each, BLOCK));
    print(workload, subjects);
  }
} finally {
  await stopServers();
}

function subject(name, server, requests, prefix = '') {
  const load = inTurn(requests.map((request) => requestBytes({ ...request, path: prefix + request.path })));
  return { name, server, load, samples: [] };
}

/** Microseconds of server CPU for each of so many requests. */
async function block({ server, load }, count) {
  const connections = await openConnections(server.port, CONNECTIONS);
  const before = await server.ask('cpu');
  await sendRequests(connections, load, count);
  const after = await server.ask('cpu');
  connections.forEach((connection) => connection.close());
  return (after.user + after.system - before.user - before.system) / count;
}

function print(workload, [first, ...others]) {
  console.log(`${workload.padEnd(14)}  ${first.name} ${median(first.samples).toFixed(1)} µs`);
  for (const { name, samples } of others) {
    const ratios = samples.map((cpu, round) => cpu / first.samples[round]);
    console.log(
      `${' '.repeat(14)}  ${name} ${median(samples).toFixed(1)} µs, x ${median(ratios).toFixed(3)} of ${first.name}`,
    );
  }
}

function rotated(list, steps) {
  const first = steps % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

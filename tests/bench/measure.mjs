// Measures servers under load in interleaved rounds.

import { canStayAwake } from './cores.mjs';
import { openConnections, sendRequests } from './load.mjs';
import { progress } from './progress.mjs';

/**
 * Fills in the samples of the subjects, given as a list for each workload. Every round goes over all of
 * them, and each starts with another subject.
 */
export async function measure(workloads, { rounds, requests, connections, warmUp = 20_000 }) {
  for (const [workload, subjects] of Object.entries(workloads)) {
    for (const subject of subjects) {
      progress(`warming up ${workload}: ${subject.name}`);
      await sample(subject, { requests: warmUp, connections });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [workload, subjects] of Object.entries(workloads)) {
      for (const subject of rotated(subjects, round)) {
        progress(`round ${round + 1} of ${rounds}, ${workload}: ${subject.name}`);
        subject.samples.push(await sample(subject, { requests, connections }));
      }
    }
  }
}

/** Microseconds of server CPU for each request, and requests per second. */
async function sample({ server, worth = 1, ...own }, options) {
  const load = own.newLoad ? await own.newLoad() : own.load;
  const count = Math.ceil(options.requests / worth);
  const connections = await openConnections(server.port, own.connections ?? options.connections);
  const cpuBefore = await server.ask('cpu');
  const began = performance.now();
  const sleep = own.awake && canStayAwake() ? stayAwake() : () => {};
  await sendRequests(connections, load, count);
  sleep();
  const seconds = (performance.now() - began) / 1000;
  const cpuAfter = await server.ask('cpu');
  connections.forEach((connection) => connection.close());

  const cpu = cpuAfter.user + cpuAfter.system - cpuBefore.user - cpuBefore.system;
  return { cpu: cpu / count, rate: count / seconds };
}

/**
 * Keeps this process from sleeping until the function that it gives is called: a server that is slow enough for the load
 * to wait would otherwise pay for waking it, with each answer.
 */
function stayAwake() {
  let isAwake = true;
  const turn = () => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return () => {
    isAwake = false;
  };
}

function rotated(list, steps) {
  const first = steps % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

// Starts the servers, checks their answers and pairs each with the workloads it is measured under.

import { checkAnswers, checkRefusal } from './check.mjs';
import { formWorkloads } from './form-workloads.mjs';
import { frameworks } from './frameworks.mjs';
import { requestBytes } from './load.mjs';
import { progress } from './progress.mjs';
import { startServer } from './server-process.mjs';
import { parameterRequests, workloads } from './workloads.mjs';

const routeCounts = [10, 1000, 10_000];

/** A list of subjects for each of the workloads: one subject for each framework that has it. */
export async function startFrameworks(frameworkNames, workloadNames) {
  const loads = Object.fromEntries(workloadNames.map((workload) => [workload, loadOf(workload)]));
  const compared = Object.fromEntries(workloadNames.map((workload) => [workload, []]));
  for (const name of frameworkNames) {
    progress(`starting ${name}`);
    const server = await startServer(frameworks[name].server);
    await checkRefusal(server);
    for (const workload of workloadNames.filter((each) => has(name, each))) {
      compared[workload].push(await subject(name, server, loads[workload]));
    }
  }
  return compared;
}

/** A subject for each number of routes in Obol's table. */
export async function startRouteTables() {
  const subjects = [];
  for (const count of routeCounts) {
    progress(`starting obol with ${count} routes`);
    const server = await startServer(['dist/obol-routes.js', `${count}`]);
    subjects.push(await subject(`${count}`, server, withBytes({ requests: parameterRequests(count / 2) })));
  }
  return subjects;
}

/** What is measured: one server under one workload, with a sample for each round. */
async function subject(name, server, { requests, ...workload }) {
  const headerDifferences = await checkAnswers(server, requests);
  return { ...workload, name, server, headerDifferences, samples: [] };
}

function has(framework, workload) {
  return frameworks[framework].forms || !(workload in formWorkloads);
}

function loadOf(workload) {
  return withBytes(workloads[workload] ?? formWorkloads[workload]);
}

function withBytes(workload) {
  return { ...workload, load: workload.requests.map(requestBytes) };
}

// Starts the servers, checks their answers and pairs each with the workloads it is measured under.

import { checkAnswers, checkRefusal } from './check.mjs';
import { fileWorkload, fileWorkloadNames } from './file-workloads.mjs';
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
    for (const [command, wanted] of serversOf(name, workloadNames)) {
      progress(`starting ${name}`);
      const server = await startServer(command);
      await checkRefusal(server);
      for (const workload of wanted) compared[workload].push(await subject(name, server, loads[workload]));
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

/** The commands of a framework that are needed, each with its workloads: files have a server of their own. */
function serversOf(name, workloadNames) {
  const { server, forms, files } = frameworks[name];
  const hasForm = (workload) => forms || !(workload in formWorkloads);
  const ofFiles = workloadNames.filter((each) => fileWorkloadNames.includes(each));
  const others = workloadNames.filter((each) => !ofFiles.includes(each) && hasForm(each));
  const pairs = [
    [server, others],
    [files, ofFiles],
  ];
  return pairs.filter(([command, wanted]) => command && wanted.length > 0);
}

function loadOf(workload) {
  const isFile = fileWorkloadNames.includes(workload);
  return withBytes(isFile ? fileWorkload(workload) : (workloads[workload] ?? formWorkloads[workload]));
}

function withBytes(workload) {
  return { ...workload, load: workload.requests.map(requestBytes) };
}

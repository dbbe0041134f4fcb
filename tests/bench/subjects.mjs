// Starts the servers, checks their answers and pairs each with the workloads it is measured under.

import { checkAnswers, checkRefusal } from './check.mjs';
import { checkValidation, contractWorkloads } from './contract-workloads.mjs';
import { digestLoad, digestRequest, digestWorkloadNames } from './digest-workload.mjs';
import { fileWorkload, fileWorkloadNames } from './file-workloads.mjs';
import { formWorkloads } from './form-workloads.mjs';
import { frameworks } from './frameworks.mjs';
import { inTurn, requestBytes } from './load.mjs';
import { progress } from './progress.mjs';
import { startServer } from './server-process.mjs';
import { sessionRequest, sessionWorkloadNames } from './session-workloads.mjs';
import { parameterRequests, workloads } from './workloads.mjs';

const routeCounts = [10, 1000, 10_000];

/** A list of subjects for each of the workloads: one subject for each framework that has it. */
export async function startFrameworks({ only, connections }, workloadNames) {
  const requested = Object.fromEntries(workloadNames.map((name) => [name, workloadOf(name)]));
  const compared = Object.fromEntries(workloadNames.map((workload) => [workload, []]));
  for (const name of only) {
    for (const [command, wanted] of serversOf(name, workloadNames)) {
      progress(`starting ${name}`);
      const server = await startServer(command);
      await checkRefusal(server);
      for (const workload of wanted) {
        if (workload in contractWorkloads) await checkValidation(server, contractWorkloads[workload]);
        const own = requested[workload] ?? (await ownWorkload(name, server, { workload, connections }));
        compared[workload].push(await subject(name, server, own));
      }
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
    subjects.push(await subject(`${count}`, server, withLoad({ requests: parameterRequests(count / 2) })));
  }
  return subjects;
}

/** What is measured: one server under one workload, with a sample for each round. */
async function subject(name, server, { requests, ...workload }) {
  const headerDifferences = await checkAnswers(server, requests);
  return { ...workload, name, server, headerDifferences, samples: [] };
}

/** The commands of a framework that are needed, each with its workloads: files and some others have a server of their own. */
function serversOf(name, workloadNames) {
  const { server, forms, files, sessions, digest, contracts, hasNoSession } = frameworks[name];
  const hasForm = (workload) => forms || !(workload in formWorkloads);
  const contractNames = Object.keys(contractWorkloads);
  const own = [...fileWorkloadNames, ...sessionWorkloadNames, ...digestWorkloadNames, ...contractNames];
  const sessionNames = hasNoSession ? sessionWorkloadNames.slice(0, 1) : sessionWorkloadNames;
  const of = (names) => workloadNames.filter((each) => names.includes(each));
  const pairs = [
    [server, workloadNames.filter((each) => !own.includes(each) && hasForm(each))],
    [files, of(fileWorkloadNames)],
    [sessions, of(sessionNames)],
    [digest, of(digestWorkloadNames)],
    [contracts, of(contractNames)],
  ];
  return pairs.filter(([command, wanted]) => command && wanted.length > 0);
}

/** A workload that is the same for all servers; undefined for one that each has to be asked for. */
function workloadOf(name) {
  const workload = fileWorkloadNames.includes(name)
    ? fileWorkload(name)
    : (workloads[name] ?? formWorkloads[name] ?? contractWorkloads[name]);
  return workload && withLoad(workload);
}

/** What only this server takes: its own cookie, or its own nonces. */
async function ownWorkload(name, server, { workload, connections }) {
  if (!digestWorkloadNames.includes(workload)) {
    const request = () => sessionRequest(server, workload, frameworks[name]);
    const newLoad = async () => inTurn([requestBytes(await request())]);
    return { requests: [await request()], newLoad, awake: true };
  }
  const request = await digestRequest(server);
  return { requests: [request], load: await digestLoad(server, connections), awake: true };
}

function withLoad(workload) {
  return { ...workload, load: inTurn(workload.requests.map(requestBytes)) };
}

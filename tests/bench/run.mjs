// Compares Obol with its peers and prints the figures; README.md tells the options.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { compareBuilds } from './against.mjs';
import { separateCores } from './cores.mjs';
import { contractWorkloads } from './contract-workloads.mjs';
import { digestWorkloadNames } from './digest-workload.mjs';
import { fileWorkloadNames } from './file-workloads.mjs';
import { formWorkloads } from './form-workloads.mjs';
import { frameworks, labelOf } from './frameworks.mjs';
import { measure } from './measure.mjs';
import { measureMemory } from './memory.mjs';
import { nginxVersion } from './nginx.mjs';
import { loadNames, readOptions } from './options.mjs';
import { prepare } from './prepare.mjs';
import { endProgress } from './progress.mjs';
import { frameworkTable, headerNotes, memoryTable, routeTable, startupTable } from './report.mjs';
import { stopServers } from './server-process.mjs';
import { sessionWorkloadNames } from './session-workloads.mjs';
import { measureStartup } from './startup.mjs';
import { startFrameworks, startRouteTables } from './subjects.mjs';
import { workloads } from './workloads.mjs';

const options = readOptions();
const conditions = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0].model,
  separateCores: separateCores(),
  rounds: options.rounds,
  requests: options.requests,
  connections: options.connections,
};

try {
  if (options.against === undefined) await compareFrameworks();
  else await compareBuilds(options, loadNames.filter(isWanted));
} finally {
  await stopServers();
}

async function compareFrameworks() {
  if (!nginxVersion()) leaveOutNginx();
  prepare();
  const figures = await takeFigures();
  print(figures);
  const frameworks = options.only.map(labelOf);
  const report = { conditions: { ...conditions, frameworks }, ...figures };
  if (options.json) writeFileSync(options.json, JSON.stringify(report, withoutServer, 2));
}

async function takeFigures() {
  const workloadNames = loadNames.filter(isWanted);
  const compared = workloadNames.length > 0 ? await startFrameworks(options, workloadNames) : {};
  const routes = isWanted('routes') && options.only.includes('obol') ? await startRouteTables() : [];
  await measure({ ...compared, routes }, options);
  await stopServers();

  const startupNames = options.only.filter((name) => frameworks[name].startup);
  const startup = isWanted('startup') ? await measureStartup(startupNames) : [];
  const formNames = options.only.filter((name) => frameworks[name].forms);
  const memory = isWanted('memory') ? await measureMemory(formNames) : [];
  endProgress();
  return { compared, routes, startup, memory };
}

function leaveOutNginx() {
  const isMissed = options.only.includes('nginx') && fileWorkloadNames.some(isWanted);
  if (isMissed) console.error('nginx is not installed (/usr/sbin/nginx): its line is left out');
  options.only = options.only.filter((name) => name !== 'nginx');
}

function isWanted(workload) {
  return options.workloads.includes(workload);
}

function print({ compared, routes, startup, memory }) {
  const { node, cpu, rounds, requests, connections } = conditions;
  const cores = conditions.separateCores
    ? 'server and load on separate cores'
    : 'server and load share the cores';
  console.log(`Node.js ${node}, ${cpu}, ${cores}`);
  console.log(`Medians of ${rounds} rounds of ${requests} requests over ${connections} connections`);

  const sections = [
    ['Server CPU for each request', frameworkTable(pick(compared, Object.keys(workloads)))],
    ['Server CPU for each form', frameworkTable(pick(compared, Object.keys(formWorkloads)))],
    ['Server CPU for each file', frameworkTable(pick(compared, fileWorkloadNames), ['bare', 'nginx'])],
    ['Server CPU for each request with a session', frameworkTable(pick(compared, sessionWorkloadNames))],
    ['Server CPU for each request with a digest', frameworkTable(pick(compared, digestWorkloadNames))],
    [
      'Server CPU for each validated body',
      frameworkTable(pick(compared, Object.keys(contractWorkloads)), ['bare', 'fastify']),
    ],
    ['Headers that differ from those of bare node:http', headerNotes(compared)],
    ['The size of the route table', routeTable(routes)],
    ['Startup', startupTable(startup)],
    ['Peak of RSS while one file is uploaded', memoryTable(memory)],
  ];
  for (const [title, text] of sections) {
    if (text) console.log(`\n${title}\n${text}`);
  }
}

function pick(compared, names) {
  return Object.fromEntries(Object.entries(compared).filter(([workload]) => names.includes(workload)));
}

function withoutServer(key, value) {
  return key === 'server' || key === 'load' ? undefined : value;
}

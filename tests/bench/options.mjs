// The options of the command line.

import { parseArgs } from 'node:util';
import { contractWorkloads } from './contract-workloads.mjs';
import { digestWorkloadNames } from './digest-workload.mjs';
import { fileWorkloadNames } from './file-workloads.mjs';
import { formWorkloads } from './form-workloads.mjs';
import { frameworks } from './frameworks.mjs';
import { sessionWorkloadNames } from './session-workloads.mjs';
import { workloads } from './workloads.mjs';

const frameworkNames = Object.keys(frameworks);
/** What servers are put under load with; the other workloads are measured in ways of their own. */
export const loadNames = [
  ...Object.keys({ ...workloads, ...formWorkloads, ...contractWorkloads }),
  ...fileWorkloadNames,
  ...sessionWorkloadNames,
  ...digestWorkloadNames,
];
const workloadNames = [...loadNames, 'routes', 'startup', 'memory'];

export function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      requests: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '32' },
      only: { type: 'string' },
      workload: { type: 'string', default: workloadNames.join() },
      json: { type: 'string' },
      against: { type: 'string' },
      control: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: positiveInteger('rounds', values.rounds),
    requests: positiveInteger('requests', values.requests),
    connections: positiveInteger('connections', values.connections),
    only: namesFrom('only', values.only ?? (values.against ? 'obol' : frameworkNames.join()), frameworkNames),
    workloads: namesFrom('workload', values.workload, workloadNames),
    json: values.json,
    against: values.against,
    control: values.control,
  };
}

function positiveInteger(option, text) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${option} must be a positive integer, not ${text}`);
}

function namesFrom(option, text, known) {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`--${option} takes names of ${known.join(', ')}, not ${unknown}`);
}

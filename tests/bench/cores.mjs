// Keeps the servers on one core and the load generator on another, where the system can do that.

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const serverCore = '0';
const loadCore = '1';
let separate = false;

/** Moves this process to the core of the load generator; false where the cores cannot be separated. */
export function separateCores() {
  separate =
    availableParallelism() > 1 &&
    succeeds('-c', serverCore, 'true') &&
    succeeds('-acp', loadCore, process.pid);
  return separate;
}

/** Whether this process takes nothing from the servers when it never sleeps. */
export function canStayAwake() {
  return separate;
}

/** The command and its arguments that run a program on the core of the servers. */
export function onServerCore(program, args) {
  if (!separate) return [program, args];
  return ['taskset', ['-c', serverCore, program, ...args]];
}

function succeeds(...args) {
  return spawnSync('taskset', args).status === 0;
}

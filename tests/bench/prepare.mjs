// Prepares a run: installs the peers, builds Obol and compiles the servers that are written in TypeScript.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = new URL('./', import.meta.url);
const root = new URL('../../', import.meta.url);

export function prepare() {
  if (!isInstalled()) run(bench, 'npm', 'ci');
  if (!existsSync(new URL('dist/index.js', root))) run(root, 'npm', 'run', 'build');
  run(bench, 'node_modules/.bin/tsc', '-p', '.');
}

/** Whether every peer is there: a folder that was installed before one was added lacks it. */
function isInstalled() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', bench), 'utf8'));
  return Object.keys(dependencies).every((name) => existsSync(new URL(`node_modules/${name}`, bench)));
}

function run(folder, command, ...args) {
  console.error([command, ...args].join(' '));
  execFileSync(command, args, { cwd: fileURLToPath(folder), stdio: ['ignore', 2, 2] });
}

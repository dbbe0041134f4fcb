// Prepares a run: installs the peers, builds Obol and compiles the servers that are written in TypeScript.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = new URL('./', import.meta.url);
const root = new URL('../../', import.meta.url);

export function prepare() {
  if (!existsSync(new URL('node_modules', bench))) run(bench, 'npm', 'ci');
  if (!existsSync(new URL('dist/index.js', root))) run(root, 'npm', 'run', 'build');
  run(bench, 'node_modules/.bin/tsc', '-p', '.');
}

function run(folder, command, ...args) {
  console.error([command, ...args].join(' '));
  execFileSync(command, args, { cwd: fileURLToPath(folder), stdio: ['ignore', 2, 2] });
}

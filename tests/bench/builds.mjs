// Two builds of Obol, each with the servers of its own sources: this one, and that of another commit.

import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { frameworks } from './frameworks.mjs';
import { temporary } from './temporary.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
const serverOptions = [
  ...['--ignoreConfig', '--target', 'ES2022', '--module', 'NodeNext', '--types', 'node', '--skipLibCheck'],
  ...['--experimentalDecorators', '--emitDecoratorMetadata', '--strict', '--noImplicitAny', 'false'],
  ...['--rootDir', 'tests/bench/servers', '--outDir', 'tests/bench/dist'],
];

/** Builds the sources as they stand here. */
export function buildHere() {
  build(root);
}

/**
 * Builds another commit in a folder of its own, which goes with this process.
 * @returns where it is, and its short name
 */
export function buildCommit(ref) {
  const commit = git('rev-parse', '--short', '--verify', `${ref}^{commit}`);
  const folder = join(temporary, 'against');
  git('worktree', 'add', '--quiet', '--detach', folder, commit);
  process.on('exit', () => git('worktree', 'remove', '--force', folder));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  build(folder);
  return { folder, commit };
}

/** Adds what `frameworks` has of Obol once more, with the servers in a folder; gives the new names by the old ones. */
export function addBuild(suffix, folder) {
  const names = Object.keys(frameworks).filter((name) => /^obol(?:-|$)/.test(name));
  const base = pathToFileURL(join(folder, 'tests/bench/'));
  const moved = (command) => command && [new URL(command[0], base).href, ...command.slice(1)];
  return new Map(
    names.map((name) => {
      const { server, files, sessions, digest, contracts, startup, ...rest } = frameworks[name];
      const servers = { server, files, sessions, digest, contracts, startup };
      const entries = Object.entries(servers).map(([kind, command]) => [kind, moved(command)]);
      frameworks[`${name}@${suffix}`] = { ...rest, ...Object.fromEntries(entries) };
      return [name, `${name}@${suffix}`];
    }),
  );
}

function build(folder) {
  for (const output of ['dist', 'tests/bench/dist'])
    rmSync(join(folder, output), { recursive: true, force: true });
  run(folder, '-p', 'tsconfig.build.json');
  const servers = readdirSync(join(folder, 'tests/bench/servers')).filter((file) =>
    /^obol.*\.ts$/.test(file),
  );
  run(folder, ...serverOptions, ...servers.map((file) => `tests/bench/servers/${file}`));
}

function run(folder, ...args) {
  console.error(`tsc in ${folder}`);
  execFileSync(process.execPath, [compiler, ...args], { cwd: folder, stdio: ['ignore', 2, 2] });
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

/** Writes a new project and installs its packages. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { oneLine } from '../../ground/log/one-line.js';
import { CommandError, type Terminal } from '../command.js';
import type { Choices } from './choices.js';
import type { Place } from './place.js';
import { projectFiles } from './project.js';

/** Writes all files, says which, and overwrites none. @throws CommandError 1 where that is impossible */
export function writeProject({ folder, name }: Place, choices: Choices, terminal: Terminal): void {
  terminal.print(oneLine(`Making ${name} in ${folder}`));
  for (const [path, text] of projectFiles(name, choices)) {
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text, { flag: 'wx' });
    } catch (error) {
      throw new CommandError(`${target} cannot be written: ${(error as Error).message}.`, 1, {
        cause: error,
      });
    }
    terminal.print(`  ${path}`);
  }
}

/** Runs `npm install`, which shows how far it is. @throws CommandError 1 when it fails */
export async function installPackages({ folder }: Place, terminal: Terminal): Promise<void> {
  terminal.print('\nInstalling its packages: npm install');
  const child = spawn('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: terminal.env,
    stdio: ['ignore', 'inherit', 'inherit'],
    // npm is a script there, which only a shell runs.
    shell: process.platform === 'win32',
  });
  const ended = await once(child, 'close').then(
    ([code, signal]: unknown[]) => (code === 0 ? undefined : `ended with ${String(code ?? signal)}`),
    (error: unknown) => `did not start: ${(error as Error).message}`,
  );
  if (ended === undefined) return;
  throw new CommandError(`npm install ${ended}. The files are there; try npm install in ${folder}.`, 1);
}

/** What to do now, as lines that may be copied. */
export function nextSteps({ folder }: Place, isInstalled: boolean): string {
  const way = relative('', folder);
  const lines = [
    ...(way === '' ? [] : [`  cd ${/^[\w./@~-]+$/.test(way) ? way : JSON.stringify(way)}`]),
    ...(isInstalled ? [] : ['  npm install']),
    '  npm run dev     starts it on http://127.0.0.1:8080, and anew after each change',
    '  npm test        runs its test',
  ];
  return ['', 'Done. Next:', '', ...lines, '', 'The file to begin with is src/home-controller.ts.'].join(
    '\n',
  );
}

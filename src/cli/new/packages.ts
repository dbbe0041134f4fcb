/** The packages of a new project, and which of their versions. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { VERSION } from '../../ground/version.js';
import type { Runner } from './choices.js';

const ALWAYS = { obol: `^${VERSION}`, 'reflect-metadata': '^0.2.2', tsyringe: '^4.10.0' };

const TOOLS = { '@types/node': '^20.19.43', oxlint: '^1.94.0', tsx: '^4.23.15', typescript: '^7.0.2' };

const OF_RUNNER: Readonly<Record<Runner, Readonly<Record<string, string>>>> = {
  node: {},
  // The last that runs on Node 20.
  vitest: { vitest: '^4.1.12' },
  jest: { '@jest/globals': '^30.5.2', '@swc/core': '^1.16.22', '@swc/jest': '^0.2.39', jest: '^30.5.2' },
};

/** Names and ranges of all that some project has. */
export const PACKAGES: Readonly<Record<string, string>> = {
  ...ALWAYS,
  ...TOOLS,
  ...OF_RUNNER.vitest,
  ...OF_RUNNER.jest,
};

/** What a project runs with, and what it is made with, in the order of npm. */
export function packagesOf(runner: Runner): {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
} {
  const tools = Object.entries({ ...TOOLS, ...OF_RUNNER[runner] }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { dependencies: { ...ALWAYS, obol: ownSource() }, devDependencies: Object.fromEntries(tools) };
}

/** The folder of this package, in src and in dist alike. */
const OWN_FOLDER = resolve(import.meta.dirname, '../../..');

interface InstalledPackages {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/** @returns the range of versions, or the packed file where npm installed this Obol from one */
export function ownSource(folder: string = OWN_FOLDER): string {
  const modules = dirname(folder);
  const installed = readInstalled(join(modules, '.package-lock.json'));
  const { resolved = '' } = installed.packages?.['node_modules/obol'] ?? {};
  return resolved.startsWith('file:') ? `file:${resolve(modules, '..', resolved.slice(5))}` : ALWAYS.obol;
}

/** @returns an empty one where there is none, as in a folder of sources */
function readInstalled(path: string): InstalledPackages {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InstalledPackages;
  } catch {
    return {};
  }
}

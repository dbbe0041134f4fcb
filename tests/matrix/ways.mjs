/** Every way in which people compile and run TypeScript with decorators, as commands in a folder with the sources. */

/** What a way writes beside the sources before its commands run; `build` is what they run. */

const BASE = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
  rewriteRelativeImportExtensions: true,
  rootDir: 'app',
  outDir: 'out',
};
const LEGACY = { experimentalDecorators: true };

function json(value) {
  return JSON.stringify(value, null, 2);
}

function tsconfig(options = {}) {
  return { 'tsconfig.json': json({ compilerOptions: { ...BASE, ...options }, include: ['app'] }) };
}

/** A compiler of TypeScript, once for each protocol. */
function tsc(name, label) {
  const build = ['node', `{bin}/${name}/bin/tsc`, '-p', '.'];
  return [
    { name: label, protocol: 'standard', files: tsconfig(), commands: [build, ['node', 'out/main.js']] },
    { name: label, protocol: 'legacy', files: tsconfig(LEGACY), commands: [build, ['node', 'out/main.js']] },
  ];
}

const SWC_TYPESCRIPT = { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' };

function swc(protocol, transform) {
  const options = { jsc: { ...SWC_TYPESCRIPT, transform, rewriteRelativeImportExtensions: true } };
  return {
    name: 'swc',
    protocol,
    files: { 'swc.json': json(options) },
    commands: [
      ['node', '{here}/swc.mjs'],
      ['node', 'out/main.js'],
    ],
  };
}

const VITE = `export default {
  build: { ssr: 'app/main.ts', outDir: 'out', rollupOptions: { output: { entryFileNames: 'main.js' } } },
};
`;

const vitest = (version, protocol) => ({
  name: `Vitest ${version}`,
  protocol,
  files: {
    ...(protocol === 'legacy' ? tsconfig(LEGACY) : {}),
    'vitest.config.mjs': `export default { test: { globals: true, include: ['app/global.test.ts'] } };\n`,
  },
  commands: [['node', `{bin}/vitest${version}/vitest.mjs`, 'run']],
});

/** The preset that Obol has: it asks Node for the format of modules, and tsconfig.json for the protocol of decorators. */
function jest(esm, protocol) {
  const flags = esm ? ['--experimental-vm-modules', '--no-warnings'] : [];
  const config = { preset: 'obol/jest', testMatch: ['**/global.test.ts'] };
  return {
    name: `Jest with swc, ${esm ? 'ESM' : 'CommonJS'}`,
    protocol,
    files: { 'jest.config.json': json(config), ...tsconfig(protocol === 'legacy' ? LEGACY : {}) },
    commands: [['node', ...flags, '{bin}/jest/bin/jest.js', '--rootDir', '.']],
  };
}

const LEGACY_SWC = { legacyDecorator: true };
const STANDARD_SWC = { decoratorVersion: '2022-03' };

/** What those ways need that are quick: they are also in `npm run test:programs`. */
export const QUICK_TOOLS = ['esbuild', 'reflect-metadata', 'tsx', 'tsyringe'];

export const WAYS = [
  ...tsc('ts7', 'TypeScript 7'),
  ...tsc('ts6', 'TypeScript 6'),
  ...tsc('ts59', 'TypeScript 5.9'),
  swc('legacy', LEGACY_SWC),
  swc('standard', STANDARD_SWC),
  {
    name: 'oxc',
    protocol: 'legacy',
    files: tsconfig(LEGACY),
    commands: [['node', '--import', '@oxc-node/core/register', 'app/main.ts']],
  },
  {
    name: 'tsx',
    protocol: 'standard',
    commands: [['node', '{bin}/tsx/dist/cli.mjs', 'app/main.ts']],
    isQuick: true,
  },
  {
    name: 'tsx',
    protocol: 'legacy',
    files: tsconfig(LEGACY),
    commands: [['node', '{bin}/tsx/dist/cli.mjs', 'app/main.ts']],
  },
  ...[[], ['--minify']].map((flags) => ({
    name: `esbuild bundle${flags.length > 0 ? ', minified' : ''}`,
    protocol: 'standard',
    commands: [
      [
        '{bin}/esbuild/bin/esbuild',
        'app/main.ts',
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--target=node20',
        ...flags,
        `--banner:js=import { createRequire as from } from 'node:module'; const require = from(import.meta.url);`,
        '--outfile=out/main.mjs',
      ],
      ['node', 'out/main.mjs'],
    ],
    isQuick: flags.length > 0,
  })),
  {
    name: 'Vite 8 build',
    files: { 'vite.config.mjs': VITE, ...tsconfig(LEGACY) },
    protocol: 'legacy',
    commands: [
      ['node', '{bin}/vite/bin/vite.js', 'build'],
      ['node', 'out/main.js'],
    ],
  },
  vitest(3, 'standard'),
  // Its compiler, oxc, has no standard decorators yet.
  vitest(4, 'legacy'),
  jest(true, 'legacy'),
  jest(true, 'standard'),
  jest(false, 'legacy'),
  jest(false, 'standard'),
  {
    name: 'node:test with tsx',
    protocol: 'standard',
    commands: [['node', '--import', 'tsx', '--test', 'app/node.test.ts']],
  },
  {
    name: 'Babel',
    protocol: 'standard',
    files: {
      'babel.config.json': json({
        presets: [['@babel/preset-typescript', { rewriteImportExtensions: true }]],
        plugins: [['@babel/plugin-proposal-decorators', { version: '2023-11' }]],
      }),
    },
    commands: [
      ['node', '{bin}/@babel/cli/bin/babel.js', 'app', '--extensions', '.ts', '--out-dir', 'out'],
      ['node', 'out/main.js'],
    ],
  },
  { name: 'Bun', protocol: 'standard', commands: [['{bin}/bun/bin/bun.exe', 'app/main.ts']] },
  {
    name: 'Bun',
    protocol: 'legacy',
    files: tsconfig(LEGACY),
    commands: [['{bin}/bun/bin/bun.exe', 'app/main.ts']],
  },
  {
    name: 'Deno',
    protocol: 'standard',
    commands: [['{bin}/deno/bin.cjs', 'run', '-A', '--node-modules-dir=manual', 'app/main.ts']],
  },
  { name: 'plain JavaScript', protocol: 'calls', commands: [['node', 'app/plain.mjs']], isQuick: true },
];

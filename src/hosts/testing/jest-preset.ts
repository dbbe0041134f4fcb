/** The preset that `"preset": "obol/jest"` names: what Jest needs for TypeScript with decorators, as modules and as CommonJS. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';

/** Packages of ES modules alone, which Jest loads as CommonJS unless Node has `--experimental-vm-modules`: Obol, and what it may use. */
const MODULES_ONLY = ['obol', 'entities', 'jose', 'oauth4webapi', 'openid-client', 'parse5'];

/** What TypeScript allows besides JSON: comments, and commas in the last place. What looks so in a string is the first group. */
const COMMENT = /("(?:\\.|[^"\\])*")|\/\/.*|\/\*[^]*?\*\//g;
const LAST_COMMA = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;

/** More than any project has of files that extend each other. */
const MAX_DEPTH = 10;

interface TsConfig {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: Readonly<Partial<Record<DecoratorOption, boolean>>>;
}

type DecoratorOption = 'experimentalDecorators' | 'emitDecoratorMetadata';

const asModules = 'SourceTextModule' in vm;
const settings = join(process.cwd(), 'tsconfig.json');
const transform = isOn('experimentalDecorators', settings)
  ? { legacyDecorator: true, decoratorMetadata: isOn('emitDecoratorMetadata', settings) === true }
  : { decoratorVersion: '2022-03' };

/** Whether an option is on; undefined where neither the tsconfig.json says so nor a file that it extends. */
function isOn(option: DecoratorOption, path: string, depth = 0): boolean | undefined {
  const { extends: bases = [], compilerOptions } = readTsConfig(path);
  const own = compilerOptions?.[option];
  if (own !== undefined || depth === MAX_DEPTH) return own;
  const files = [bases].flat().filter((base) => base.startsWith('.'));
  const inherited = files.map((file) => isOn(option, resolve(dirname(path), file), depth + 1));
  return inherited.findLast((found) => found !== undefined);
}

/** @returns an empty one where there is none to read: what is wrong with it is for the compiler to say */
function readTsConfig(path: string): TsConfig {
  try {
    const text = readFileSync(path, 'utf8').replace(COMMENT, '$1').replace(LAST_COMMA, '$1');
    return JSON.parse(text) as TsConfig;
  } catch {
    return {};
  }
}

function swc(tsx: boolean): readonly [name: string, options: object] {
  const jsc = {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true, tsx },
    transform,
  };
  return ['@swc/jest', { jsc, module: { type: asModules ? 'es6' : 'commonjs' } }];
}

const preset = {
  testEnvironment: 'node',
  // Jest may load tsyringe, which wants this, before the modules that import both in order.
  setupFiles: ['reflect-metadata'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  ...(asModules && { extensionsToTreatAsEsm: ['.ts', '.tsx', '.mts'] }),
  // TypeScript imports a source by the name that its JavaScript will have.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.[cm]?[jt]s$': swc(false), '\\.[jt]sx$': swc(true) },
  transformIgnorePatterns: [
    asModules ? '/node_modules/' : `/node_modules/(?!(?:.*/node_modules/)?(?:${MODULES_ONLY.join('|')})/)`,
  ],
};

// oxlint-disable-next-line import/no-default-export -- Jest takes the default export of a preset
export default preset;

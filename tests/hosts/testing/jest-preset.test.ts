/** The preset of Jest: which protocol of decorators it takes from a project, and which packages it compiles. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type PresetObject from '../../../src/hosts/testing/jest-preset.js';
import { TestFolder } from '../../support/folder.js';

type Preset = typeof PresetObject;

const LEGACY = { legacyDecorator: true, decoratorMetadata: false };
const EMITTING = { legacyDecorator: true, decoratorMetadata: true };
const STANDARD = { decoratorVersion: '2022-03' };

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  jest.spyOn(process, 'cwd').mockReturnValue(folder.path);
});

afterEach(() => {
  jest.restoreAllMocks();
  folder.remove();
});

/** The preset as it is in a project with these files. */
async function presetOf(files: Readonly<Record<string, string>>): Promise<Preset> {
  for (const [name, text] of Object.entries(files)) folder.file(name, text);
  jest.resetModules();
  const module = await import('../../../src/hosts/testing/jest-preset.js');
  return module.default;
}

function protocolOf(preset: Preset): unknown {
  const [, options] = preset.transform['\\.[cm]?[jt]s$'];
  return (options as { jsc: { transform: unknown } }).jsc.transform;
}

const ON = '"experimentalDecorators": true';
const config = (options: string, rest = ''): string => `{ "compilerOptions": { ${options} }${rest} }`;

test.each<[why: string, files: Record<string, string>, protocol: object]>([
  ['no tsconfig.json', {}, STANDARD],
  ['an empty one', { 'tsconfig.json': '' }, STANDARD],
  ['nothing about decorators', { 'tsconfig.json': config('"strict": true') }, STANDARD],
  ['legacy ones', { 'tsconfig.json': config(ON) }, LEGACY],
  ['legacy ones and metadata', { 'tsconfig.json': config(`${ON}, "emitDecoratorMetadata": true`) }, EMITTING],
  [
    'legacy ones among comments',
    { 'tsconfig.json': `// one\n${config(`/* two */ ${ON}, // three\n`)}` },
    LEGACY,
  ],
  ['legacy ones in a comment', { 'tsconfig.json': config(`// ${ON}\n`) }, STANDARD],
  ['addresses beside legacy ones', { 'tsconfig.json': config(`"baseUrl": "http://a//b", ${ON}`) }, LEGACY],
  ['legacy ones switched off', { 'tsconfig.json': config('"experimentalDecorators": false') }, STANDARD],
  [
    'legacy ones in what it extends',
    { 'tsconfig.json': config('', ', "extends": "./config/base.json"'), 'config/base.json': config(ON) },
    LEGACY,
  ],
  [
    'legacy ones two files away',
    {
      'tsconfig.json': '{ "extends": "./config/a.json" }',
      'config/a.json': '{ "extends": "../b.json" }',
      'b.json': config(ON),
    },
    LEGACY,
  ],
  [
    'legacy ones switched off in the nearer file',
    {
      'tsconfig.json': config('"experimentalDecorators": false', ', "extends": "./base.json"'),
      'base.json': config(ON),
    },
    STANDARD,
  ],
  [
    'legacy ones in the first of two that it extends',
    { 'tsconfig.json': '{ "extends": ["./a.json", "./b.json"] }', 'a.json': config(ON), 'b.json': '{}' },
    LEGACY,
  ],
  [
    'legacy ones switched off in the last that it extends',
    {
      'tsconfig.json': '{ "extends": ["./a.json", "./b.json"] }',
      'a.json': config(ON),
      'b.json': config('"experimentalDecorators": false'),
    },
    STANDARD,
  ],
  ['a package to extend', { 'tsconfig.json': '{ "extends": "@tsconfig/node20" }' }, STANDARD],
  ['a circle', { 'tsconfig.json': '{ "extends": "./tsconfig.json" }' }, STANDARD],
])('with %s', async (_, files, protocol) => {
  expect(protocolOf(await presetOf(files))).toEqual(protocol);
});

describe('where Node runs modules in Jest', () => {
  test('sources are modules, and packages are as they are', async () => {
    const preset = await presetOf({});
    expect(preset).toMatchObject({
      extensionsToTreatAsEsm: ['.ts', '.tsx', '.mts'],
      transformIgnorePatterns: ['/node_modules/'],
    });
  });
});

describe('where it does not', () => {
  let ignored: RegExp;

  beforeEach(async () => {
    jest.unstable_mockModule('node:vm', () => ({ default: {} }));
    const preset = await presetOf({});
    expect(preset).not.toHaveProperty('extensionsToTreatAsEsm');
    ignored = new RegExp(preset.transformIgnorePatterns[0] ?? '');
  });

  test.each([
    ['/app/node_modules/obol/dist/index.js', true],
    ['/app/node_modules/.pnpm/obol@0.1.0_x/node_modules/obol/dist/index.js', true],
    ['/app/node_modules/jose/dist/webapi/index.js', true],
    ['/app/src/main.ts', true],
    ['/app/node_modules/obol/node_modules/mime-types/index.js', false],
    ['/app/node_modules/.pnpm/obol@0.1.0_x/node_modules/tinyglobby/dist/index.cjs', false],
    ['/app/node_modules/obol-like/index.js', false],
    ['/app/node_modules/tsyringe/dist/cjs/index.js', false],
  ])('%s is compiled: %j', (path, isCompiled) => {
    expect(ignored.test(path)).toBe(!isCompiled);
  });
});

/** The shape of the house: imports point down, never in a circle, and nobody inside imports an index. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve(import.meta.dirname, '../../src');

/** Lowest first; folders in one line are siblings and never import each other. */
const LAYERS = [
  [
    'base64url',
    'clock',
    'errors',
    'context-key',
    'file-lock',
    'has-methods',
    'hmac',
    'logger',
    'secret-key',
    'version',
    'whole-number',
  ],
  ['http'],
  ['routing', 'body'],
  ['message'],
  ['metadata'],
  ['decorators', 'dispatch'],
  ['application'],
  ['redis'],
  ['csrf', 'throttle'],
  ['auth', 'base-handler', 'compression', 'session', 'static', 'uploads'],
  ['server', 'testing'],
  ['cli'],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)'/gms)].map(
    (match) => match[1] ?? '',
  );
  return specifiers.map((specifier) =>
    relative(SRC, resolve(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts'),
  );
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function rankOf(file: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folderOf(file)));
}

test('reads every source file and its imports', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.get('dispatch/invoke.ts')).toContain('message/make-response.ts');
});

test('gives every file a layer', () => {
  expect(files.filter((file) => file !== 'index.ts' && rankOf(file) < 0)).toEqual([]);
});

test('imports only from the same folder and from lower layers', () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => folderOf(target) !== folderOf(file) || !file.includes('/'))
      .filter((target) => file !== 'index.ts' && rankOf(target) >= rankOf(file) && rankOf(file) > 0)
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('has no import cycles, types included', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')];
    if (done.has(file)) return [];
    const cycles = (imports.get(file) ?? []).flatMap((target) => visit(target, [...path, file]));
    done.add(file);
    return cycles;
  };
  expect(files.flatMap((file) => visit(file, []))).toEqual([]);
});

test('never imports an index from inside', () => {
  const wrong = [...imports].filter(([, targets]) =>
    targets.some((target) => /(^|\/)index\.ts$/.test(target)),
  );
  expect(wrong.map(([file]) => file)).toEqual([]);
});

test('touches Reflect in one folder only', () => {
  const touching = files.filter((file) =>
    /\bReflect\.\w*Metadata/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(touching).toEqual(['metadata/reflect.ts']);
});

test('starts every file with a sentence that says its role', () => {
  const begins = (file: string): boolean => /^(?:#!.*\n)?\/\*\* /.test(readFileSync(join(SRC, file), 'utf8'));
  expect(files.filter((file) => !begins(file))).toEqual([]);
});

test('uses no weak randomness', () => {
  expect(files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('Math.random'))).toEqual([]);
});

/** Compiles code with decorators while a test runs, for one of their protocols, and runs it with the modules that it imports. */
import { compileFunction } from 'node:vm';
import { transformSync } from '@swc/core';

/** TypeScript's own, or that of TC39. */
export type Protocol = 'legacy' | 'standard';

/**
 * What a module exports, run anew.
 * @param source TypeScript
 * @param modules what it may import, by name
 */
export function run(source: string, protocol: Protocol, modules: Readonly<Record<string, unknown>>): unknown {
  const { code } = transformSync(source, {
    configFile: false,
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform:
        protocol === 'legacy'
          ? { legacyDecorator: true, decoratorMetadata: true }
          : { decoratorVersion: '2022-03' },
    },
    module: { type: 'commonjs' },
  });
  const exports = {};
  const load = (name: string): unknown => modules[name];
  const filename = `${protocol}.ts`;
  const body = compileFunction(code, ['exports', 'require'], { filename }) as (...given: unknown[]) => void;
  body(exports, load);
  return exports;
}

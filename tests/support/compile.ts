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
  evaluate(code, { exports, require: (name: string) => modules[name] }, `${protocol}.ts`);
  return exports;
}

/** What the body of a function returns, its text left as it is. @param given its parameters, by name */
export function evaluate(
  body: string,
  given: Readonly<Record<string, unknown>> = {},
  filename = 'body.js',
): unknown {
  const made = compileFunction(body, Object.keys(given), { filename }) as (...values: unknown[]) => unknown;
  return made(...Object.values(given));
}

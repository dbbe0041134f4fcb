/** The code in a document, run as it stands there: what stands behind an expression as a comment is its value. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';
import { transformSync } from '@swc/core';

const ROOT = resolve(import.meta.dirname, '../..');

/** The blocks of TypeScript of a page. @param page such as `docs/urls.md` */
export function blocksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/**
 * Runs a block, and compares each `expression; // 'value'` in it.
 * @param modules what it may import, by name
 * @param names what it declares that the test wants
 * @returns those, by name
 */
export async function runBlock(
  block: string,
  modules: Readonly<Record<string, unknown>>,
  names: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const compared = block.replace(/^(\S.*); \/\/ ('.*')$/gm, 'expect(String($1)).toBe($2);');
  const imports = compared.match(/^import .*$/gm)?.join('\n') ?? '';
  const rest = compared.replace(/^import .*$/gm, '');
  const { code } = transformSync(
    `${imports}\nexport async function run() {\n${rest}\nreturn { ${names.join(', ')} };\n}`,
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        target: 'es2022',
        transform: { legacyDecorator: true },
      },
      module: { type: 'commonjs' },
    },
  );
  const exports: { run?: () => Promise<Record<string, unknown>> } = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code is that of our own documents
  const load = new Function('require', 'exports', 'expect', code) as (...given: unknown[]) => void;
  load((name: string) => modules[name] ?? missing(name), exports, expect);
  return (await exports.run?.()) ?? {};
}

function missing(name: string): never {
  throw new Error(`The document imports "${name}", which the test does not have.`);
}

/** How the types of constructor parameters are had at run time, by the tool in use. */

/** What a program knows of how it is run. */
type Running = Pick<NodeJS.Process, 'env' | 'execArgv'> & { readonly versions: object };

interface Tool {
  readonly isInUse: (running: Running) => boolean;
  readonly way: string;
}

const FLAGS = 'experimentalDecorators and emitDecoratorMetadata';

const TOOLS: readonly Tool[] = [
  { isInUse: ({ versions }) => 'bun' in versions, way: `Or turn on ${FLAGS} in tsconfig.json.` },
  {
    isInUse: ({ versions }) => 'deno' in versions,
    way: `Or turn on ${FLAGS} in the compilerOptions of deno.json.`,
  },
  {
    isInUse: ({ env }) => env['VITEST'] !== undefined,
    way: `Vitest drops the metadata; or add unplugin-swc to its plugins, with ${FLAGS} in tsconfig.json.`,
  },
  {
    isInUse: ({ env }) => env['JEST_WORKER_ID'] !== undefined,
    way: `Or turn on ${FLAGS}, and have Jest transform with ts-jest or @swc/jest (legacyDecorator, decoratorMetadata).`,
  },
  {
    isInUse: ({ execArgv, env }) =>
      [...execArgv, env['NODE_OPTIONS'] ?? ''].some((text) => /\btsx\b/.test(text)),
    way: `tsx drops the metadata; or turn on ${FLAGS}, and load with @oxc-node/core/register in its place.`,
  },
];

const ANY_TOOL =
  `Or decorate the class, turn on ${FLAGS}, and compile with tsc or swc: esbuild and tsx drop the metadata. Two copies of ` +
  'reflect-metadata have the same effect (npm ls reflect-metadata).';

/** @param isStandard whether the class was compiled with the standard decorators, which never emit metadata */
export function wayToMetadata(isStandard: boolean, running: Running = process): string {
  if (isStandard) return 'Standard decorators emit none.';
  return TOOLS.find(({ isInUse }) => isInUse(running))?.way ?? ANY_TOOL;
}

/** Makes the page's program of `page/`, as a build would before a release. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function bundledPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    // Where the samples find Obol, which need not be built for them.
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    // What asks applications in process is of no use in a page.
    external: ['./in-process.js'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

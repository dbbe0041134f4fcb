/** Makes the page's program of `page/`, as a build would before a release. */
import { build } from 'esbuild';

export async function bundledPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('page/page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    // What asks applications in process is of no use in a page.
    external: ['./in-process.js'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

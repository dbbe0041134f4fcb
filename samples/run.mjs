/** `npm run sample -- NAME`: starts samples/NAME/main.ts through a loader that keeps decorator metadata. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const [name = ''] = process.argv.slice(2);
const main = new URL(`${name}/main.ts`, here);

if (!/^[\w-]+$/.test(name) || !existsSync(main)) {
  const names = readdirSync(here).filter((entry) => existsSync(new URL(`${entry}/main.ts`, here)));
  console.error(`Which sample? npm run sample -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}

const child = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--import',
    '@oxc-node/core/register',
    fileURLToPath(main),
    ...process.argv.slice(3),
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

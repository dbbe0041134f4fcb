/** Compiles `app` to `out` with swc and the options of `swc.json`. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { transformFileSync } from '@swc/core';

const options = JSON.parse(readFileSync('swc.json', 'utf8'));
mkdirSync('out', { recursive: true });
for (const file of readdirSync('app').filter((name) => name.endsWith('.ts'))) {
  const { code } = transformFileSync(`app/${file}`, { ...options, swcrc: false });
  writeFileSync(`out/${file.replace(/\.ts$/, '.js')}`, code);
}

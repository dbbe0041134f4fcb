/** Where lint keeps what it found: files are looked at again when they change, and all of them when types did. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What else a file is judged by: rules, packages, types of src, and what tests and samples share. */
const SHARED = ['eslint.config.mjs', 'package-lock.json', 'tsconfig.json'];

/** A file below node_modules/.cache; to be asked for when the declarations in dist are new. */
export function lintCache() {
  const declarations = filesBelow('dist', (file) => file.endsWith('.d.ts'));
  const shared = ['tests', 'samples'].flatMap((folder) => filesBelow(folder, isShared));
  const hash = createHash('sha256');
  for (const file of [...SHARED, ...declarations, ...shared]) hash.update(file).update(readFileSync(file));
  return join('node_modules/.cache/eslint', hash.digest('hex').slice(0, 16));
}

function isShared(file) {
  return file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('bench/');
}

function filesBelow(folder, isWanted) {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .filter(isWanted)
    .sort()
    .map((file) => join(folder, file));
}

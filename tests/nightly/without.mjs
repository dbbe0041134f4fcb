/**
 * `node tests/nightly/without.mjs [--types | --all] [feature ...]`: takes each feature away in a copy of the repository, with the
 * features and commands that stand on it and the tests and samples that use it. What is left must compile, and the tests of other
 * features, of applications and of samples must pass; `--types` leaves out these, `--all` takes all that are left.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bin, Lane, step, tests, without } from '../support/lane.mjs';

const ROOT = process.cwd();
const FEATURES = readdirSync('src/features');
const SPECIFIER = /(?:\bfrom|\bimport|\bimport\() ?'([^']+)'/g;
/** The one place beneath the commands that may know a feature: what serves the document root. */
const WIRING = 'src/index.ts';
const WIRED = /^import \{ staticFiles \}.*\n|, openDocumentRoot: staticFiles\b/gm;
/** Tests of what may need a feature without importing it. */
const NEAR = ['/tests/(?:features|application|decorators|dispatch|cli)/', '/samples/'];

/** The same for all of them, so that what Jest has compiled is compiled once. */
const COPY = join(mkdtempSync(join(tmpdir(), 'obol-without-')), 'copy');

const lane = new Lane({ quiet: true });
const { values, positionals } = parseArgs({
  options: { types: { type: 'boolean' }, all: { type: 'boolean' } },
  allowPositionals: true,
});
for (const feature of positionals.length > 0 ? positionals : FEATURES) await takeAway(feature);
rmSync(dirname(COPY), { recursive: true });
lane.end('what is left without a feature');

async function takeAway(feature) {
  copyRepository();
  process.chdir(COPY);
  const { folders, files } = remove(feature);
  console.log(`\nWithout ${folders.join(', ')}, and ${files.length} files that use it`);
  const types = step(`types without ${feature}`, bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.json');
  const rest = tests(
    ...(values.all ? [] : NEAR),
    ...without('/node_modules/', '/tests/(?:programs|architecture)/'),
  );
  await lane.run(values.types ? [types] : [types, rest]);
  process.chdir(ROOT);
  rmSync(COPY, { recursive: true });
}

/** All files that git knows or would take. */
function copyRepository() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of listed.trim().split('\n')) cpSync(file, join(COPY, file), { force: true });
  symlinkSync(join(ROOT, 'node_modules'), join(COPY, 'node_modules'));
}

/** Removes a feature and all that stands on it. @returns folders of src, and files elsewhere */
function remove(feature) {
  const imports = readImports();
  const folders = new Set([`src/features/${feature}`]);
  const files = new Set();
  const isGone = (file) => files.has(file) || [...folders].some((folder) => file.startsWith(`${folder}/`));
  for (let before = -1; before < folders.size + files.size;) {
    before = folders.size + files.size;
    for (const [file, targets] of imports) {
      if (isGone(file) || file === WIRING || !targets.some(isGone)) continue;
      const [folder] = /^src\/(?:features\/[^/]+|cli)(?=\/)/.exec(file) ?? [];
      if (folder) folders.add(folder).add(folder.replace('src', 'tests'));
      else if (file.startsWith('src/')) throw new Error(`${file} imports ${targets.find(isGone)}`);
      else files.add(file);
    }
  }
  folders.add(`tests/features/${feature}`);
  for (const path of [...folders, ...files]) rmSync(path, { recursive: true, force: true });
  forget([...folders]);
  return { folders: [...folders].filter((folder) => folder.startsWith('src/')), files: [...files] };
}

/** Takes the folders out of the exports map, and what serves the document root out of `obol`. */
function forget(folders) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [name, target] of Object.entries(manifest.exports))
    if (folders.some((folder) => target.default?.startsWith(`./${folder.replace('src', 'dist')}/`)))
      delete manifest.exports[name];
  writeFileSync('package.json', JSON.stringify(manifest, null, 2));
  if (folders.includes('src/features/static'))
    writeFileSync(WIRING, readFileSync(WIRING, 'utf8').replace(WIRED, ''));
}

/** Every TypeScript file with the files that it imports. */
function readImports() {
  const files = ['src', 'tests', 'samples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  return files.map((file) => {
    const specifiers = [...readFileSync(file, 'utf8').matchAll(SPECIFIER)].map(([, specifier]) => specifier);
    return [file, specifiers.map((specifier) => targetOf(file, specifier)).filter(Boolean)];
  });
}

function targetOf(file, specifier) {
  if (specifier.startsWith('.'))
    return resolve('/', dirname(file), specifier).slice(1).replace(/\.js$/, '.ts');
  const [, subpath] = /^obol(?:\/([\w-]+))?$/.exec(specifier) ?? ['', 'none'];
  if (subpath === undefined) return 'src/index.ts';
  return FEATURES.includes(subpath) ? `src/features/${subpath}/index.ts` : undefined;
}

/**
 * `node tests/types/documents.mjs [beginnings of pages]`: the compiler takes each block of TypeScript in README.md and docs, as a reader
 * would copy it. Needs a build. All are compiled at once; one that begins with `// name.ts` is a module of that name beside the
 * others of its page. What a block leaves out stands before it in a comment that no reader sees:
 *
 *     <!-- ts
 *     // as above             (all blocks of the page so far stand here)
 *     declare const controllers: Class[];
 *     // block                (the block stands here; at the end by default)
 *     -->
 *
 * Such a comment that begins with `// name.ts` is a module itself.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const COPY = join(ROOT, 'node_modules/.cache/obol-documents');
const COMPILER = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
/** A block, or a comment with code. */
const CODE = /^(?:```ts\n(.*?)^```|<!-- ts\n(.*?)^-->)$/gms;
const NAME = /^\/\/ (?:.*\/)?([\w.-]+\.m?ts)$/m;
/** What is well said in an example, though it is not used there. */
const FLAGS = [
  '--noUnusedLocals',
  'false',
  '--noUnusedParameters',
  'false',
  '--skipLibCheck',
  '--pretty',
  'false',
];

const beginnings = process.argv.slice(2);
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => `docs/${name}`),
].filter(
  (page) =>
    page.endsWith('.md') && (beginnings.length === 0 || beginnings.some((begin) => page.startsWith(begin))),
);

rmSync(COPY, { recursive: true, force: true });
/** For each file the places of its lines. */
const files = new Map(pages.flatMap(filesOf));
for (const [file, lines] of files) {
  mkdirSync(join(COPY, file, '..'), { recursive: true });
  writeFileSync(join(COPY, file), lines.map(({ text }) => text).join('\n'));
}
writeFileSync(join(COPY, 'package.json'), '{ "type": "module" }');
writeFileSync(join(COPY, 'tsconfig.json'), JSON.stringify(configuration()));

const problems = await compile();
console.log(
  [
    `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${files.size} blocks of ${pages.length} pages`,
    ...problems,
  ].join('\n  '),
);
process.exitCode = problems.length === 0 && files.size > 0 ? 0 : 1;

/** The modules of a page, in a folder of their own. */
function filesOf(page) {
  const found = new Map();
  const text = readFileSync(join(ROOT, page), 'utf8');
  let above = [];
  let around = [];
  for (const { index, 0: whole, 1: block, 2: hidden } of text.matchAll(CODE)) {
    const first = text.slice(0, index).split('\n').length + 1;
    const lines = (block ?? hidden)
      .split('\n')
      .map((line, at) => ({ text: line, at: `${page}:${first + at}` }));
    if (hidden !== undefined && !NAME.test(hidden.split('\n', 1)[0])) {
      around = lines;
      continue;
    }
    const own = block === undefined ? lines : framed(around, lines, above);
    around = [];
    if (block !== undefined) above = [...above, ...lines];
    const name = NAME.exec(whole.split('\n')[1])?.[1] ?? `line-${first}.ts`;
    found.set(found.has(name) ? `line-${first}-${name}` : name, own);
  }
  const folder = page.replace(/\W/g, '-');
  return [...found].map(([name, lines]) => [join(folder, name), lines]);
}

/** A block in what stands around it. */
function framed(around, block, above) {
  const lines = around.flatMap((line) =>
    line.text === '// as above' ? above : line.text === '// block' ? block : [line],
  );
  return around.some(({ text }) => text === '// block') ? lines : [...lines, ...block];
}

function configuration() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const paths = Object.entries(exports).flatMap(([path, { types }]) =>
    types ? [[path.replace('.', 'obol'), [join(ROOT, types)]]] : [],
  );
  return {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { moduleDetection: 'force', paths: Object.fromEntries(paths) },
    include: ['**/*.ts', '**/*.mts'],
    exclude: [],
  };
}

/** What the compiler says, at the lines of the pages. */
async function compile() {
  const run = promisify(execFile)(process.execPath, [COMPILER, '-p', COPY, ...FLAGS], { cwd: COPY });
  const { stdout } = await run.catch((error) => error);
  return stdout
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) =>
      line.replace(/^(.*?)\((\d+),\d+\)/, (whole, file, row) => files.get(file)?.[row - 1]?.at ?? whole),
    );
}

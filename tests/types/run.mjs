/**
 * `node tests/types/run.mjs [beginnings of names]`: what the compiler accepts and rejects of code that uses the package, under
 * TypeScript 5.9, 6 and 7, with legacy and standard decorators, strict and loose: `7-legacy-strict`, `6-standard-loose` ...
 * Needs a build. `*-parameters.ts` have decorators of parameters, which the standard protocol does not know. A line after `@ts-expect-error` must be the only one to be wrong, in one line that has the words of the comment.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../..');
/** Where the files stand without their directives, which would hide the messages. */
const COPY = join(ROOT, 'node_modules/.cache/obol-types');
const DIRECTIVE = /^\s*\/\/ @ts-expect-error -- (.*)$/;

const COMPILERS = {
  5.9: ['npm', 'exec', '--yes', '--package=typescript@5.9', '--', 'tsc'],
  6: [process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc6')],
  7: [process.execPath, join(ROOT, 'node_modules/@typescript/native/bin/tsc')],
};
const PROTOCOLS = {
  legacy: [],
  standard: ['--experimentalDecorators', 'false', '--emitDecoratorMetadata', 'false'],
};
const EXCLUDED = { legacy: [], standard: ['*-parameters.ts'] };
const STRICTNESS = { strict: [], loose: ['--strict', 'false', '--exactOptionalPropertyTypes', 'false'] };

const all = Object.keys(COMPILERS).flatMap((version) =>
  Object.keys(PROTOCOLS).flatMap((protocol) =>
    Object.keys(STRICTNESS).map((strictness) => [version, protocol, strictness]),
  ),
);
const beginnings = process.argv.slice(2);
const wanted = all.filter(
  (each) => beginnings.length === 0 || beginnings.some((begin) => each.join('-').startsWith(begin)),
);

const cases = copyCases();
let failures = 0;
for (const setting of wanted) {
  const problems = compare(expectedOf(setting), await compile(setting));
  console.log(
    [`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${setting.join('-')}`, ...problems].join('\n  '),
  );
  if (problems.length > 0) failures++;
}
console.log(`${wanted.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 && wanted.length > 0 ? 0 : 1;

/** The words that the error of each line has, by `file:line`. */
function copyCases() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  writeFileSync(join(COPY, 'package.json'), '{ "type": "module" }');
  const extended = join(HERE, 'tsconfig.json');
  const include = ['*.ts', join(ROOT, 'dist')];
  for (const [protocol, exclude] of Object.entries(EXCLUDED))
    writeFileSync(join(COPY, `${protocol}.json`), JSON.stringify({ extends: extended, include, exclude }));
  return new Map(
    readdirSync(HERE)
      .filter((name) => name.endsWith('.ts'))
      .flatMap(copyFile),
  );
}

function copyFile(name) {
  const lines = readFileSync(join(HERE, name), 'utf8').split('\n');
  writeFileSync(
    join(COPY, name),
    lines.map((line) => line.replace('@ts-expect-error', 'rejected')).join('\n'),
  );
  return lines.flatMap((line, index) => {
    const words = DIRECTIVE.exec(line)?.[1];
    return words === undefined ? [] : [[`${name}:${index + 2}`, words]];
  });
}

/** The messages of a compiler, by `file:line`. */
async function compile([version, protocol, strictness]) {
  const [command, ...args] = COMPILERS[version];
  const flags = [...PROTOCOLS[protocol], ...STRICTNESS[strictness], '--pretty', 'false'];
  // Declarations are the same for all, and most of the work.
  if (protocol !== 'legacy' || strictness !== 'strict') flags.push('--skipLibCheck');
  const { stdout } = await promisify(execFile)(
    command,
    [...args, '-p', join(COPY, `${protocol}.json`), ...flags],
    { cwd: COPY },
  ).catch((error) => error);
  const found = new Map();
  let at = '';
  for (const line of stdout.trimEnd().split('\n')) {
    const [, file, row, message] = /^(.*?)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    if (file !== undefined) at = `${file}:${row}`;
    if (line !== '') found.set(at, [...(found.get(at) ?? []), message ?? line]);
  }
  return found;
}

/** What a protocol does not know is not compiled for it. */
function expectedOf([, protocol]) {
  return new Map([...cases].filter(([at]) => protocol === 'legacy' || !/-parameters\.ts:/.test(at)));
}

function compare(expected, found) {
  const missing = [...expected].filter(([at]) => !found.has(at)).map(([at]) => `${at} is accepted`);
  const wrong = [...found].flatMap(([at, messages]) => {
    const words = expected.get(at);
    if (words === undefined) return [`${at} is rejected: ${messages.join('\n    ')}`];
    // Words in brackets are those of a decorator, which says what is wrong itself, and in one line.
    if (!words.startsWith('[') || (messages.length === 1 && messages[0].includes(words))) return [];
    return [`${at} says ${messages.join('\n    ')}`];
  });
  return [...missing, ...wrong];
}

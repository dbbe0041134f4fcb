/**
 * `node tests/nightly/new-projects.mjs [--all | NAME...]`: every project that `obol new` makes, on TypeScript 7, installed from the
 * packed package, built, tested, linted, started, asked, and changed while its `dev` script watches; on TypeScript 6 one of each kind
 * of sources, or with `--all` every one. Names choose, such as `jest-pages-7`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HtmlValidate } from 'html-validate';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'obol-new-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const QUIET = { npm_config_audit: 'false', npm_config_fund: 'false', npm_config_prefer_offline: 'true' };
const env = { ...process.env, ...QUIET, NODE_OPTIONS: '', CI: '1', NO_COLOR: '1', PORT: '0' };
const run = promisify(execFile);

const ALL = ['node', 'vitest', 'jest'].flatMap((test) =>
  [false, true].flatMap((pages) => [7, 6].map((typescript) => ({ test, pages, typescript }))),
);
const names = process.argv.slice(2);
const chosen = ALL.filter(isChosen);

const packed = await pack();
let passed = 0;
for (const [index, choice] of chosen.entries()) {
  process.stderr.write(`${String(index + 1)} of ${String(chosen.length)}: ${nameOf(choice)}\n`);
  try {
    await tryProject(choice);
    passed++;
  } catch (error) {
    console.log(`\n# ${nameOf(choice)}\n${error.stack}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}
console.log(`${String(passed)} passed, ${String(chosen.length - passed)} failed`);
process.exitCode = passed === chosen.length && passed > 0 ? 0 : 1;

function isChosen(choice) {
  if (names.length > 0) return names.includes('--all') || names.includes(nameOf(choice));
  return choice.typescript === 7 || choice.test === 'node';
}

function nameOf({ test, pages, typescript }) {
  return `${test}${pages ? '-pages' : ''}-${String(typescript)}`;
}

async function pack() {
  const options = ['--ignore-scripts', '--json', '--silent', '--pack-destination', work];
  const { stdout } = await run('npm', ['pack', ...options], { cwd: root, env });
  return join(work, JSON.parse(stdout)[0].filename);
}

async function tryProject(choice) {
  // Outside of the others, whose packages Node would find.
  const place = join(work, nameOf(choice));
  mkdirSync(place);
  const shop = join(place, 'shop');
  const options = ['--test', choice.test, ...(choice.pages ? ['--pages'] : []), '--no-install'];
  await run(process.execPath, [join(root, 'dist/cli/main.js'), 'new', 'shop', ...options], {
    cwd: place,
    env,
  });
  const npm = (...args) => run('npm', args, { cwd: shop, env });
  await npm('install', packed, ...(choice.typescript === 7 ? [] : ['typescript@~6.0.3']));
  for (const script of ['build', 'test', 'lint']) await npm('run', script);
  await asked(shop, 'start', async (url) => checkAnswer(choice, await (await fetch(url)).text()));
  await asked(shop, 'dev', async (url, nextUrl) => {
    await checkAnswer(choice, await (await fetch(url)).text());
    change(shop, choice);
    const text = await (await fetch(await nextUrl())).text();
    if (!text.includes('Ahoy')) throw new Error(`It does not watch: ${text}`);
  });
  rmSync(place, { recursive: true });
}

async function checkAnswer({ pages }, text) {
  const expected = pages ? '<h1>Guest book</h1>' : '"message":"Hello, world!"';
  if (!text.includes(expected)) throw new Error(`It answers ${text}`);
  if (!pages) return;
  const validator = new HtmlValidate({ extends: ['html-validate:standard'] });
  const { valid, results } = await validator.validateString(text);
  if (!valid) throw new Error(`It is no valid HTML: ${JSON.stringify(results)}`);
}

/** What the controller imports, so that all is watched that is loaded. */
function change(shop, { pages }) {
  const file = join(shop, pages ? 'src/page.ts' : 'src/greetings.ts');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, pages ? text.replace('<body>', '<body><p>Ahoy</p>') : text.replace('Hello', 'Ahoy'));
}

/** Runs a script of package.json as npm does, but for its shell, until it was asked. */
async function asked(shop, script, ask) {
  const { scripts } = JSON.parse(readFileSync(join(shop, 'package.json'), 'utf8'));
  const [, ...args] = scripts[script].split(' ');
  const child = spawn(process.execPath, args, { cwd: shop, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextUrl = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended`);
      const [, url] = /^Listening on (\S+)/.exec(value) ?? [];
      if (url !== undefined) return url;
    }
  };
  try {
    await ask(await nextUrl(), nextUrl);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

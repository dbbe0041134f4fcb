/** `obol routes` and `obol openapi`: what they find in modules, each in a process of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { runObol } from '../../../src/cli/run.js';
import { recordingTerminal } from '../../cli/recording-terminal.js';

const FIXTURE = resolve(import.meta.dirname, '../fixtures/described-app.ts');
const MADE = resolve(import.meta.dirname, '../fixtures/made-app.ts');
const HELLO = resolve(import.meta.dirname, '../../../samples/hello/main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obol-inspect-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function obol(...args: string[]) {
  const terminal = recordingTerminal();
  const code = await runObol(args, terminal);
  return { code, out: terminal.printed.join('\n'), warned: terminal.warned.join('\n') };
}

test('prints the routes of a module that listens when it is loaded', async () => {
  const { code, out } = await obol('routes', HELLO);
  expect(code).toBe(0);
  expect(out).toMatch(/^GET +\/user\/<name> +HelloController\.user$/m);
});

test.each([[FIXTURE], [MADE]])(
  'prints all that is known of routes that a function of %s makes',
  async (module) => {
    const { code, out } = await obol('routes', '--json', module);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ path: '/notes', name: 'Notes.list' }));
  },
);

test('writes the document, in the form of its name, and finds out whether it is the same still', async () => {
  const file = join(folder, 'api.yaml');
  expect(await obol('openapi', FIXTURE, '--check', '-o', file)).toMatchObject({
    code: 1,
    warned: expect.stringContaining(`There is no ${file}. Write it with obol openapi -o ${file} ${FIXTURE}.`),
  });
  expect(await obol('openapi', FIXTURE, '-o', file)).toMatchObject({ code: 0 });
  const text = await readFile(file, 'utf8');
  expect(parse(text)).toMatchObject({ openapi: '3.1.1', paths: { '/notes': {} } });
  expect(await obol('openapi', FIXTURE, '--check', '-o', file)).toMatchObject({ code: 0 });
  await writeFile(file, text.replace('title: Notes', 'title: Others'));
  const { code, warned } = await obol('openapi', FIXTURE, '--check', '-o', file);
  expect([code, warned]).toEqual([1, expect.stringContaining('is not what the application says now')]);
});

test.each([
  ['{', 'is no JSON object'],
  ['null', 'is no JSON object'],
  ['{ "obol": { "loader": 5 } }', '"obol.loader" names a module'],
])('says what is wrong with the package.json %s', async (text, why) => {
  const home = await mkdtemp(join(folder, 'package-'));
  await writeFile(join(home, 'package.json'), text);
  await writeFile(join(home, 'app.mjs'), '');
  const { code, warned } = await obol('routes', join(home, 'app.mjs'));
  expect([code, warned]).toEqual([1, expect.stringContaining(why)]);
});

test.each([
  [['openapi', FIXTURE, '-o', join(import.meta.dirname, 'nowhere/api.json')], 1, 'cannot be written'],
  [['openapi', FIXTURE, '-o', ''], 2, '--output names a file'],
  [['routes', import.meta.dirname], 2, 'There is no file'],
  [['openapi', HELLO], 1, 'has no openapi()'],
  [['routes', 'nowhere.ts'], 2, 'There is no file "nowhere.ts"'],
  [['routes', import.meta.filename], 1, '.test.ts'],
  [['routes', 'a', 'b'], 2, 'One module'],
  [['openapi', '--check', '-o', '-'], 2, 'compares with a file'],
])('%j ends with %i and says why', async (args, code, why) => {
  const answer = await obol(...args);
  expect([answer.code, answer.warned]).toEqual([code, expect.stringContaining(why)]);
});

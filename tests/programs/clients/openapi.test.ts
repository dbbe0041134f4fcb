/**
 * What programs of others make of the document of samples/contracts: Redocly finds no fault with it, and openapi-fetch asks the sample by the
 * types that openapi-typescript has made of it.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const REDOCLY = 'node_modules/@redocly/cli/bin/cli.js';
const site = sample('contracts');
const folder = mkdtempSync(join(tmpdir(), 'obol-api-client-'));

/** @returns what it prints @throws with what it prints, where it fails */
async function run(args: readonly string[], cwd = folder): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    return (await promisify(execFile)(process.execPath, args, { cwd, env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(stdout + stderr, { cause: error });
  }
}

beforeAll(async () => {
  cpSync(join(FIXTURES, 'api-client'), folder, { recursive: true });
  const args = ['ci', '--no-audit', '--no-fund', '--prefer-offline', '--silent'];
  await promisify(execFile)('npm', args, { cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(['3.1', '3.2'])(
  'Redocly finds nothing, by its strictest rules, in the document of %s',
  async (version) => {
    const file = join(folder, `${version}.json`);
    const program = ['--import', '@oxc-node/core/register', join(FIXTURES, 'sample-document.ts')];
    await run([...program, 'contracts', version, file], process.cwd());
    const lint = [REDOCLY, 'lint', '--extends', 'recommended-strict', '--format', 'json', file];
    expect(JSON.parse(await run(lint))).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 } });
  },
);

test('openapi-fetch lists, creates, changes, comments, uploads and is refused, by types that openapi-typescript made', async () => {
  writeFileSync(join(folder, 'openapi.yaml'), await (await fetch(`${site.url}/openapi.yaml`)).text());
  await run(['node_modules/openapi-typescript/bin/cli.js', 'openapi.yaml', '--output', 'api.d.ts']);
  await run(['node_modules/typescript/bin/tsc']);
  expect(JSON.parse(await run(['out/client.js', site.url]))).toEqual({
    added: [201, { id: 1, title: 'Tea is out', labels: ['kitchen'], due: '2026-12-24', comments: [] }],
    listed: [200, ['Tea is out'], null],
    commented: [201, 'Buy some'],
    changed: [200, null, 1],
    shown: [200, 'Tea is here'],
    attached: [201, { name: 'sea.png', size: 8, type: 'image/png', caption: 'Sea' }],
    refused: [401, 401],
    invalid: [422, ['#/due', '#/title']],
    missing: [404, 'There is no issue 999'],
  });
});

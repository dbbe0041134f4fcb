/** samples/bank as its readers start it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';
import { Sample, sample } from '../../support/sample.js';

const folder = mkdtempSync(join(tmpdir(), 'obol-bank-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const bank = sample('bank', { DB: '' });

const AT_FIRST = { a: 100, b: 100 };
const at = (path: string): Promise<Response> => fetch(new URL(path, bank.url));
const accounts = async (): Promise<unknown> => (await at('/accounts')).json();

function transfer(
  amount: unknown,
  { from = 'a', to = 'b', query = '', url = bank.url } = {},
): Promise<Response> {
  return fetch(`${url}/transfer${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ from, to, amount }),
  });
}

test('moves what there is, and nothing else', async () => {
  expect(await accounts()).toEqual(AT_FIRST);
  expect((await transfer(30)).status).toBe(200);
  expect(await accounts()).toEqual({ a: 70, b: 130 });
  const refused = await transfer(71);
  expect([refused.status, await accounts()]).toEqual([409, { a: 70, b: 130 }]);
  expect((await transfer(30, { from: 'b', to: 'a' })).status).toBe(200);
  expect(await accounts()).toEqual(AT_FIRST);
});

test.each([
  [-1, {}, 422],
  [0, {}, 422],
  [1.5, {}, 422],
  ['1', {}, 422],
  [1, { to: 'a' }, 422],
  [1, { to: 'nowhere' }, 404],
  [1, { from: 'nowhere' }, 404],
])('refuses %p %p with %i', async (amount, where, status) => {
  expect((await transfer(amount, where)).status).toBe(status);
  expect(await accounts()).toEqual(AT_FIRST);
});

test('changes nothing for a client that leaves between the two changes', async () => {
  const client = await RawClient.connect(bank.port);
  const body = '{"from":"a","to":"b","amount":31}';
  const fields = ['Content-Type: application/json', `Content-Length: ${String(body.length)}`];
  client.request('POST /transfer?slow=1', fields, body);
  while (!bank.output.includes('transfers 31')) await sleep(5);
  client.destroy();
  expect(await accounts()).toEqual(AT_FIRST);
  expect(bank.output).not.toContain('has transferred 31');
  expect(bank.output).not.toContain('"level":50');
});

test('gives a receipt that cannot be changed', async () => {
  const { receipt } = (await (await transfer(10)).json()) as { receipt: string };
  expect(await (await fetch(receipt)).json()).toEqual({ from: 'a', to: 'b', amount: 10 });
  const changed = [
    receipt.replace(/(receipts\/)\d+/, '$1999'),
    `${receipt}0`,
    receipt.replace(/\?.*/, ''),
    `${receipt}&a=1`,
  ];
  for (const url of changed) expect((await fetch(url)).status).toBe(403);
  await transfer(10, { from: 'b', to: 'a' });
});

test('streams three lines with the id of the request, which is another for a request beside it', async () => {
  const texts = await Promise.all([at('/audit'), at('/audit')].map(async (answer) => (await answer).text()));
  const ids = texts.map((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
  );
  for (const lines of ids) expect([lines.length, new Set(lines).size]).toEqual([3, 1]);
  expect(ids[0]?.[0]).not.toBe(ids[1]?.[0]);
});

test('has a page that names all of it', async () => {
  const page = await (await at('/')).text();
  expect(page).toContain('<a href="audit">');
  expect(page).toContain(`${bank.url}/transfer</code>`);
});

test('keeps its accounts in a file that DB names', async () => {
  const DB = join(folder, 'bank.db');
  for (const balances of [AT_FIRST, { a: 60, b: 140 }]) {
    const own = new Sample('bank', { DB });
    await own.start();
    expect(await (await fetch(`${own.url}/accounts`)).json()).toEqual(balances);
    expect((await transfer(40, { url: own.url })).status).toBe(200);
    await own.stop();
  }
});

test('keeps nothing of a transfer in whose midst the server is killed', async () => {
  const DB = join(folder, 'killed.db');
  const killed = new Program(['--import', '@oxc-node/core/register', 'samples/bank/main.ts'], {
    DB,
    PORT: '0',
  });
  const [, url = ''] = await killed.prints(/Listening on (http:\S+)/);
  const answer = transfer(40, { url, query: '?slow=1' });
  await killed.prints(/transfers 40/);
  killed.process.kill('SIGKILL');
  await expect(answer).rejects.toThrow();
  const own = new Sample('bank', { DB });
  await own.start();
  expect(await (await fetch(`${own.url}/accounts`)).json()).toEqual(AT_FIRST);
  await own.stop();
});

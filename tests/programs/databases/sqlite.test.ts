/** Transactions of better-sqlite3: one connection for all requests, with what SQLite refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import * as obol from 'obol';
import { Controller, Get, Post, Response, type Request } from 'obol';
import * as testing from 'obol/testing';
import { request } from 'obol/testing';
import * as ofTransactions from 'obol/transactions';
import { betterSqlite3, Transaction, Transactional, transactions } from 'obol/transactions';
import { start } from '../../support/client.js';
import { blocksOf, runBlock } from '../../support/document-blocks.js';
import { deferred } from '../../support/serve.js';

const CONCURRENCY = 50;
const folder = mkdtempSync(join(tmpdir(), 'obol-sqlite-'));
const file = join(folder, 'bank.db');
const database = new Database(file, { timeout: 0 });
database.exec(`
  CREATE TABLE accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
  CREATE TABLE owners (account TEXT REFERENCES accounts DEFERRABLE INITIALLY DEFERRED);
`);
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

let goOn = deferred();
let isThere = deferred();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

@Controller('/', Transaction)
class BankController {
  constructor(private readonly transaction: Transaction<Database.Database>) {}

  #add(name: string, amount: number) {
    this.transaction.connection
      .prepare('UPDATE accounts SET balance = balance + ? WHERE name = ?')
      .run(amount, name);
  }

  @Post('/move') @Transactional() move() {
    this.#add('a', -1);
    this.#add('b', 1);
    return 'moved';
  }
  @Post('/move-later') @Transactional() async moveLater() {
    this.#add('a', -1);
    await turn();
    this.#add('b', 1);
    return 'moved';
  }
  @Post('/overdraft') @Transactional() async overdraft() {
    this.#add('b', 1000);
    await turn();
    this.#add('a', -1000);
  }
  @Post('/waits') @Transactional({ timeout: 0 }) async waits(_: Request) {
    this.#add('a', -1);
    isThere.resolve();
    await goOn.promise;
    this.#add('b', 1);
    return 'moved';
  }
  @Post('/slow') @Transactional({ timeout: 1 }) async slow() {
    this.#add('a', -1);
    await goOn.promise;
    this.#add('b', 1);
  }
  @Post('/deferred') @Transactional() deferred() {
    this.transaction.connection.prepare("INSERT INTO owners VALUES ('none of these')").run();
    return 'added';
  }
  @Post('/reads') @Transactional({ readOnly: true }) reads() {
    this.#add('a', -1);
  }
  @Post('/rolls-back') @Transactional() rollsBack() {
    this.#add('a', -1);
    this.transaction.connection.exec('ROLLBACK');
    return 'gone';
  }
  @Post('/own/<statements:path>') @Transactional() own(_: Request, statements: string) {
    this.#add('a', -1);
    this.transaction.connection.exec(statements);
    return 'done';
  }
  @Post('/nested') @Transactional() nested() {
    const { connection } = this.transaction;
    this.#add('a', -1);
    connection.transaction(() => {
      this.#add('b', 1);
    })();
    connection.exec('SAVEPOINT part; DELETE FROM accounts; ROLLBACK TO part; RELEASE part');
    return 'moved';
  }
  @Get('/rows') @Transactional({ readOnly: true }) *rows() {
    for (const row of this.transaction.connection.prepare('SELECT name FROM accounts').pluck().iterate())
      yield `${String(row)}\n`;
  }
  @Get('/balances') @Transactional({ readOnly: true }) balances() {
    return balances();
  }
}

function balances(): Record<string, number> {
  return Object.fromEntries(
    database.prepare('SELECT name, balance FROM accounts').raw().all() as [string, number][],
  );
}

async function application(queue = 100) {
  return start(BankController, { features: [transactions(betterSqlite3(database, { queue }))] });
}

beforeEach(() => {
  goOn = deferred();
  isThere = deferred();
  database.exec(
    "DELETE FROM owners; DELETE FROM accounts; INSERT INTO accounts VALUES ('a', 100), ('b', 100)",
  );
});

test(`${String(CONCURRENCY)} at once have one transaction behind the other, and those that fail take nothing else along`, async () => {
  const { client } = await application();
  const paths = ['/move', '/move-later', '/overdraft', '/balances', '/move-later'];
  const answers = await Promise.all(
    Array.from({ length: CONCURRENCY }, (_, index) => {
      const path = paths[index % paths.length] ?? '';
      return path === '/balances' ? client.get(path) : client.post(path);
    }),
  );
  const sums = await Promise.all(
    answers
      .filter((_, index) => index % 5 === 3)
      .map(async (answer) => {
        const { a = 0, b = 0 } = await answer.json<Record<string, number>>();
        return a + b;
      }),
  );
  expect(new Set(sums)).toEqual(new Set([200]));
  expect(answers.filter(({ status }) => status === 500)).toHaveLength(CONCURRENCY / 5);
  expect(balances()).toEqual({ a: 70, b: 130 });
});

test('a handler that awaits nothing is answered at once', async () => {
  const { app } = await application();
  expect(app.handle(request('/move', { method: 'POST' }))).toBeInstanceOf(Response);
  expect(balances()).toEqual({ a: 99, b: 101 });
});

test('nothing is kept of a client that leaves in the midst', async () => {
  const { client } = await application();
  const leaving = new AbortController();
  const answer = client.post('/waits', { signal: leaving.signal });
  await isThere.promise;
  const behind = client.post('/move');
  leaving.abort();
  await expect(answer).rejects.toThrow();
  goOn.resolve();
  expect((await behind).status).toBe(200);
  expect(balances()).toEqual({ a: 99, b: 101 });
});

test('what takes too long keeps its turn until it has ended, and nothing else', async () => {
  const { client } = await application();
  expect((await client.post('/slow')).status).toBe(503);
  const behind = client.post('/move');
  goOn.resolve();
  expect((await behind).status).toBe(200);
  expect(balances()).toEqual({ a: 99, b: 101 });
});

test.each([
  ['POST', '/deferred', 409, 'breaks a constraint that is checked at the commit'],
  ['POST', '/reads', 500, 'writes where it may only read'],
  ['POST', '/overdraft', 500, 'breaks a constraint'],
  ['POST', '/rolls-back', 500, 'has ended its transaction itself'],
  ['GET', '/rows', 500, 'reads on when the transaction should end'],
])('%s %s answers %i, and the next has the database: what %s', async (method, path, status) => {
  const { client } = await application();
  const response = await (method === 'GET' ? client.get(path) : client.post(path));
  expect(response.status).toBe(status);
  expect([database.inTransaction, balances()]).toEqual([false, { a: 100, b: 100 }]);
  expect((await client.post('/move')).status).toBe(200);
});

test.each([
  ['COMMIT', 99],
  ['END', 99],
  ['ROLLBACK', 100],
  ['COMMIT; BEGIN', 99],
  ['ROLLBACK; BEGIN IMMEDIATE', 100],
  ['RELEASE obol_transaction', 100],
])('%s of the handler itself is a mistake that says so', async (statements, left) => {
  const { client, logger } = await application();
  expect((await client.post(`/own/${encodeURIComponent(statements)}`)).status).toBe(500);
  expect(logger.errors).toEqual([
    expect.stringContaining(
      "[E_TRANSACTION]: The transaction was ended within, by a COMMIT or ROLLBACK of the handler's own, or with an error that it has caught: ",
    ),
  ]);
  expect([database.inTransaction, balances()]).toEqual([false, { a: left, b: 100 }]);
  expect((await client.post('/move')).status).toBe(200);
});

test('savepoints, and functions of transaction() of the database, are parts of the transaction', async () => {
  const { client } = await application();
  expect((await client.post('/nested')).status).toBe(200);
  expect(balances()).toEqual({ a: 99, b: 101 });
});

test('a database that another process writes to is 503', async () => {
  const { client, logger } = await application();
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  const response = await client.post('/move');
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await client.get('/balances')).status).toBe(200);
  other.exec('ROLLBACK');
  other.close();
  expect((await client.post('/move')).status).toBe(200);
  expect(logger.warnings).toEqual([
    'The database cannot be reached; requests for it are answered 503: database is locked',
    'The database can be reached again',
  ]);
});

test('a transaction that was begun elsewhere is a mistake, and stays as it is', async () => {
  const { client, logger } = await application();
  database.exec('BEGIN');
  expect((await client.post('/move')).status).toBe(500);
  expect(logger.errors[0]).toContain(
    '[E_TRANSACTION]: The database is in a transaction already that was begun elsewhere',
  );
  expect(database.inTransaction).toBe(true);
  database.exec('ROLLBACK');
  expect((await client.post('/move')).status).toBe(200);
});

test('more that wait than may wait are 503', async () => {
  const own = new Database(':memory:');
  own.exec("CREATE TABLE accounts (name, balance); INSERT INTO accounts VALUES ('a', 1), ('b', 1)");
  const { client } = await start(BankController, {
    features: [transactions(betterSqlite3(own, { queue: 1 }))],
  });
  const first = client.post('/waits');
  await isThere.promise;
  const answers = [client.post('/move'), client.post('/move')];
  const refused = await answers[1];
  expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '1']);
  goOn.resolve();
  expect([(await first).status, (await answers[0])?.status]).toEqual([200, 200]);
  own.close();
});

test('docs/transactions.md shows a test of what is kept', async () => {
  const [block = ''] = blocksOf('docs/transactions.md').filter((each) => each.includes("'node:test'"));
  const run: Promise<void>[] = [];
  await runBlock(block, {
    obol,
    'obol/testing': testing,
    'obol/transactions': ofTransactions,
    'better-sqlite3': Database,
    'node:assert/strict': assert,
    'node:test': { test: (_name: string, act: () => Promise<void>) => run.push(act()) },
  });
  await Promise.all(run);
  expect(run).toHaveLength(1);
});

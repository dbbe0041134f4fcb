/** Transactions of PostgreSQL: many at once, with clients and servers that go away, and with what they refuse each other. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Controller, Get, Post, type Request } from 'obol';
import { Transaction, Transactional, postgres, transactions } from 'obol/transactions';
import type { Pool, PoolClient } from 'pg';
import { start } from '../../support/client.js';
import { PostgresServer } from '../../support/postgres.js';
import { deferred } from '../../support/serve.js';

const CONCURRENCY = 50;

let server: PostgresServer;
let pool: Pool;
/** Opens when two requests have come to it. */
let meeting = barrier();
/** What a handler waits for. */
let goOn = deferred();
let isThere = deferred();
let kept: PoolClient | undefined;

function barrier(): () => Promise<void> {
  const opened = deferred();
  let count = 0;
  return () => {
    if (++count === 2) opened.resolve();
    return opened.promise;
  };
}

@Controller('/', Transaction)
class BankController {
  constructor(private readonly transaction: Transaction<PoolClient>) {}

  async #add(name: string, amount: number) {
    await this.transaction.connection.query('UPDATE accounts SET balance = balance + $1 WHERE name = $2', [
      amount,
      name,
    ]);
  }

  @Post('/move/<from:word>/<to:word>') @Transactional() async move(_: Request, from: string, to: string) {
    await this.#add(from, -1);
    await this.#add(to, 1);
    return 'moved';
  }
  @Post('/overdraft') @Transactional() async overdraft() {
    await this.#add('b', 1000);
    await this.#add('a', -1000);
  }
  @Post('/waits') @Transactional() async waits() {
    await this.#add('a', -1);
    isThere.resolve();
    await goOn.promise;
    await this.#add('b', 1);
    return 'moved';
  }
  @Post('/slow') @Transactional({ timeout: 50 }) async slow() {
    kept = this.transaction.connection;
    await this.#add('a', -1);
    await kept.query('SELECT pg_sleep(30)');
  }
  @Post('/deadlock/<from:word>/<to:word>') @Transactional() async deadlock(
    _: Request,
    from: string,
    to: string,
  ) {
    await this.#add(from, -1);
    await meeting();
    await this.#add(to, 1);
    return 'moved';
  }
  @Post('/serial') @Transactional({ isolation: 'serializable' }) async serial() {
    const { rows } = await this.transaction.connection.query<{ sum: string }>(
      'SELECT sum(balance) FROM accounts',
    );
    await meeting();
    await this.transaction.connection.query('INSERT INTO accounts VALUES ($1, $2)', [
      String(Math.random()),
      rows[0]?.sum,
    ]);
    return 'added';
  }
  @Post('/statement') @Transactional() async statement() {
    await this.#add('a', -1);
    await this.transaction.connection.query('SET LOCAL statement_timeout = 20');
    await this.transaction.connection.query('SELECT pg_sleep(30)');
  }
  @Post('/caught') @Transactional() async caught() {
    await this.#add('a', -1);
    await this.transaction.connection.query('SELECT 1 / 0').catch(() => undefined);
    return 'all is well';
  }
  @Post('/deferred') @Transactional() async deferred() {
    await this.transaction.connection.query("INSERT INTO owners VALUES ('nobody of these')");
    return 'added';
  }
  @Post('/own/<statements:path>') @Transactional() async own(_: Request, statements: string) {
    await this.#add('a', -1);
    await this.transaction.connection.query(statements);
    return 'done';
  }
  @Post('/own-then-more') @Transactional() async ownThenMore() {
    await this.#add('a', -1);
    await this.transaction.connection.query('ROLLBACK');
    await this.#add('b', -1);
  }
  @Post('/own-by-callback') @Transactional() async ownByCallback() {
    const ended = deferred();
    this.transaction.connection.query('COMMIT', () => {
      ended.resolve();
    });
    await ended.promise;
    return 'done';
  }
  @Post('/own-then-throws') @Transactional() async ownThenThrows() {
    await this.#add('a', -1);
    await this.transaction.connection.query({ text: 'COMMIT' });
    throw new RangeError('the handler fails');
  }
  @Post('/savepoint') @Transactional() async savepoint() {
    const { connection } = this.transaction;
    await connection.query('SAVEPOINT part');
    await connection.query('SELECT 1 / 0').catch(() => undefined);
    await connection.query('ROLLBACK TO part');
    await connection.query('SAVEPOINT part; ROLLBACK WORK TO SAVEPOINT part; RELEASE part');
    await this.#add('a', -1);
    return 'done';
  }
  @Post('/reads') @Transactional({ readOnly: true }) async reads() {
    await this.#add('a', -1);
  }
  @Post('/keeps') @Transactional() async keeps() {
    kept = this.transaction.connection;
    await this.#add('a', 0);
    return 'kept';
  }
  @Post('/releases') @Transactional() async releases() {
    await this.#add('a', -1);
    this.transaction.connection.release();
  }
  @Get('/stream') @Transactional() async *stream() {
    const { connection } = this.transaction;
    yield 'first\n';
    await connection.query('SELECT 1');
    yield 'second\n';
  }
}

async function application(own = pool, queue = 100) {
  return start(BankController, { features: [transactions(postgres(own, { queue }))] });
}

async function balances(): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; balance: number }>(
    "SELECT * FROM accounts WHERE name IN ('a', 'b')",
  );
  return Object.fromEntries(rows.map(({ name, balance }) => [name, balance]));
}

beforeAll(async () => {
  server = await PostgresServer.start();
  pool = server.pool({ max: 10 });
  await pool.query(`
    CREATE TABLE accounts (name text PRIMARY KEY, balance integer NOT NULL CHECK (balance >= 0));
    CREATE TABLE owners (account text REFERENCES accounts DEFERRABLE INITIALLY DEFERRED);
  `);
});
afterAll(() => server.stop());
beforeEach(async () => {
  meeting = barrier();
  goOn = deferred();
  isThere = deferred();
  await pool.query("TRUNCATE accounts CASCADE; INSERT INTO accounts VALUES ('a', 100), ('b', 100)");
});

test(`${String(CONCURRENCY)} at once keep the sum, and every client goes back to its pool`, async () => {
  const { client } = await application();
  const answers = await Promise.all(
    Array.from({ length: CONCURRENCY }, (_, index) =>
      client.post(index % 5 === 0 ? '/overdraft' : '/move/a/b'),
    ),
  );
  const moved = answers.filter(({ status }) => status === 200).length;
  expect(moved).toBe(CONCURRENCY * 0.8);
  expect(await balances()).toEqual({ a: 100 - moved, b: 100 + moved });
  expect([pool.idleCount, pool.waitingCount]).toEqual([pool.totalCount, 0]);
});

test('nothing is kept of a client that leaves in the midst', async () => {
  const { client } = await application();
  const leaving = new AbortController();
  const answer = client.post('/waits', { signal: leaving.signal });
  await isThere.promise;
  leaving.abort();
  await expect(answer).rejects.toThrow();
  goOn.resolve();
  // It waits for the same row, so it is answered when the other has ended.
  expect((await client.post('/move/a/b')).status).toBe(200);
  expect(await balances()).toEqual({ a: 99, b: 101 });
});

const ENDED =
  "[E_TRANSACTION]: The transaction was ended within, by a COMMIT or ROLLBACK of the handler's own: ";

test.each([
  ['/own/COMMIT', 99],
  ['/own/END', 99],
  ['/own/ROLLBACK', 100],
  ['/own/ABORT', 100],
  [`/own/${encodeURIComponent('COMMIT; BEGIN')}`, 99],
  [`/own/${encodeURIComponent('COMMIT AND CHAIN')}`, 99],
  [`/own/${encodeURIComponent('ROLLBACK AND CHAIN')}`, 100],
  ['/own-then-more', 100],
  ['/own-by-callback', 100],
])('%s, which ends the transaction itself, is a mistake that says so', async (path, left) => {
  const { client, logger } = await application();
  expect((await client.post(path)).status).toBe(500);
  expect(logger.errors).toEqual([expect.stringContaining(ENDED)]);
  expect(await balances()).toEqual({ a: left, b: 100 });
  expect((await client.post('/move/a/b')).status).toBe(200);
  expect([pool.idleCount, pool.waitingCount]).toEqual([pool.totalCount, 0]);
});

test('a handler that has ended its transaction, and fails, is in the log for both', async () => {
  const { client, logger } = await application();
  expect((await client.post('/own-then-throws')).status).toBe(500);
  expect(logger.errors).toEqual([
    expect.stringMatching(
      /^A transaction could not be rolled back; its connection is discarded[^]*E_TRANSACTION/,
    ),
    expect.stringContaining('the handler fails'),
  ]);
});

test('savepoints are parts of the transaction', async () => {
  const { client } = await application();
  expect((await client.post('/savepoint')).status).toBe(200);
  expect(await balances()).toEqual({ a: 99, b: 100 });
});

test('a server that ends in the midst is 503, and a warning; when it is back, so are the answers', async () => {
  const { client, logger } = await application();
  const answer = client.post('/waits');
  await isThere.promise;
  await server.crash();
  goOn.resolve();
  expect((await answer).status).toBe(503);
  const away = await client.post('/move/a/b');
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
  await server.restart();
  expect((await client.post('/move/a/b')).status).toBe(200);
  expect(await balances()).toEqual({ a: 99, b: 101 });
  expect(logger.warnings.at(-1)).toBe('The database can be reached again');
});

test('a connection that is cut between two statements is 503, and no end of the process', async () => {
  const { client } = await application();
  const answer = client.post('/waits');
  await isThere.promise;
  await pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'",
  );
  await new Promise((resolve) => setImmediate(resolve));
  goOn.resolve();
  expect((await answer).status).toBe(503);
  expect(await balances()).toEqual({ a: 100, b: 100 });
  expect(pool.idleCount).toBe(pool.totalCount);
});

test('of two that block each other one is 503, to come again', async () => {
  const { client } = await application();
  const answers = await Promise.all([client.post('/deadlock/a/b'), client.post('/deadlock/b/a')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
  expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
  expect(Object.values(await balances()).sort()).toEqual([101, 99]);
});

test('of two that cannot be put one behind the other one is 503', async () => {
  const { client } = await application();
  const answers = await Promise.all([client.post('/serial'), client.post('/serial')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
});

test.each([
  ['/statement', 503, 'takes longer than its statement may'],
  ['/caught', 500, 'has caught the error of a statement'],
  ['/deferred', 409, 'breaks a constraint that is checked at the commit'],
  ['/reads', 500, 'writes where it may only read'],
  ['/overdraft', 500, 'breaks a constraint that is checked at once'],
  ['/releases', 500, 'releases the client itself'],
])('%s answers %i: nothing is kept of what %s', async (path, status) => {
  const { client } = await application();
  expect((await client.post(path)).status).toBe(status);
  expect(await balances()).toEqual({ a: 100, b: 100 });
  expect(pool.idleCount).toBe(pool.totalCount);
});

test('what takes too long is 503, and its connection is gone, with its locks', async () => {
  const { client } = await application();
  expect((await client.post('/slow')).status).toBe(503);
  expect((await client.post('/move/a/b')).status).toBe(200);
  expect(await balances()).toEqual({ a: 99, b: 101 });
  expect(() => kept?.query('SELECT 1')).toThrow('The transaction of this client is over.');
});

test('a client that was kept is of no use when the transaction is over', async () => {
  const { client } = await application();
  expect((await client.post('/keeps')).status).toBe(200);
  expect(() => kept?.query('SELECT 1')).toThrow('The transaction of this client is over.');
  await expect(client.get('/stream').then((response) => response.text())).rejects.toThrow();
});

test('more that wait for a client than may wait are 503', async () => {
  const { client } = await application(server.pool({ max: 1 }), 2);
  const first = client.post('/waits');
  await isThere.promise;
  const answers = Array.from({ length: 4 }, () => client.post('/move/a/b'));
  await Promise.all(answers.slice(2));
  goOn.resolve();
  expect((await Promise.all([first, ...answers])).map(({ status }) => status)).toEqual([
    200, 200, 200, 503, 503,
  ]);
});

test('a client that leaves while it waits for a connection takes none', async () => {
  const single = server.pool({ max: 1 });
  const { client } = await application(single);
  const first = client.post('/waits');
  await isThere.promise;
  const leaving = new AbortController();
  const second = client.post('/move/a/b', { signal: leaving.signal });
  while (single.waitingCount === 0) await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  await expect(second).rejects.toThrow();
  goOn.resolve();
  expect((await first).status).toBe(200);
  expect((await client.post('/move/a/b')).status).toBe(200);
  expect(await balances()).toEqual({ a: 98, b: 102 });
});

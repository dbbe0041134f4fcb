/** Transfers that happen whole or not at all: `npm run sample -- bank`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import {
  bootstrap,
  Controller,
  Get,
  HttpError,
  Post,
  reply,
  urlFor,
  type Contract,
  type Request,
  type Valid,
} from 'obol';
import { htmlPage } from 'obol/page';
import { RequestLocal } from 'obol/request-local';
import { betterSqlite3, Transaction, Transactional, transactions } from 'obol/transactions';
import { CheckSignedUrl, url, urlSigner } from 'obol/urls';
import { z } from 'zod';

const REQUEST = new RequestLocal('request', () => randomUUID());
const receipts = urlSigner({ keys: [randomBytes(32)], expires: 60 });

const { DB = '' } = process.env;
const database = new Database(DB === '' ? ':memory:' : DB);
database.exec(`
  CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS transfers (id INTEGER PRIMARY KEY, source TEXT, target TEXT, amount INTEGER) STRICT;
  INSERT OR IGNORE INTO accounts VALUES ('a', 100), ('b', 100);
`);

const transfer = {
  query: z.object({ slow: z.stringbool().default(false) }),
  body: z
    .object({ from: z.string(), to: z.string(), amount: z.int().positive() })
    .refine(({ from, to }) => from !== to, { error: 'An account cannot pay itself', path: ['to'] }),
} satisfies Contract;

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

@Controller('/', Transaction)
class Bank {
  constructor(private readonly transaction: Transaction<Database.Database>) {}

  @Get('/accounts')
  @Transactional({ readOnly: true })
  accounts() {
    const rows = this.transaction.connection
      .prepare('SELECT name, balance FROM accounts ORDER BY name')
      .raw()
      .all();
    return Object.fromEntries(rows as [string, number][]);
  }

  @Post('/transfer', transfer)
  @Transactional()
  async transfer(req: Request, { query, body }: Valid<typeof transfer>) {
    this.#change(body.from, -body.amount);
    console.log(REQUEST.get(), 'transfers', body.amount);
    // The client may leave meanwhile: nothing is changed then.
    if (query.slow) await sleep(2000, undefined, { signal: req.signal });
    this.#change(body.to, body.amount);
    const id = this.#note(body);
    this.transaction.onCommit(() => {
      console.log(REQUEST.get(), 'has transferred', body.amount);
    });
    return { ...body, receipt: receipts.sign(url(urlFor(req, Bank, 'receipt', id)).resolve(req)) };
  }

  @Get('/receipts/<id:int>')
  @CheckSignedUrl(receipts)
  @Transactional({ readOnly: true })
  receipt(_req: Request, id: number) {
    const found = this.transaction.connection
      .prepare('SELECT source AS "from", target AS "to", amount FROM transfers WHERE id = ?')
      .get(id);
    if (!found) throw new HttpError(404, 'There is no such transfer');
    return found;
  }

  /** @throws HttpError after which nothing is kept */
  #change(account: string, amount: number): void {
    const balance = this.transaction.connection
      .prepare('UPDATE accounts SET balance = balance + ? WHERE name = ? RETURNING balance')
      .pluck()
      .get(amount, account) as number | undefined;
    if (balance === undefined) throw new HttpError(404, `There is no account ${account}`);
    if (balance < 0) throw new HttpError(409, `There is not enough in account ${account}`);
  }

  #note({ from, to, amount }: Transfer): number {
    const added = this.transaction.connection.prepare(
      'INSERT INTO transfers (source, target, amount) VALUES (?, ?, ?)',
    );
    return Number(added.run(from, to, amount).lastInsertRowid);
  }
}

/** It is sent after the head, and is the same request all the same. */
async function* steps() {
  for (const step of ['begins', 'goes on', 'ends']) {
    yield `${REQUEST.get()} ${step}\n`;
    await sleep(10);
  }
}

@Controller()
class Pages {
  @Get('/')
  home(req: Request) {
    return htmlPage({
      title: 'Bank',
      main: `<p>Two accounts, <code>a</code> and <code>b</code>, with 100 each at first.</p>
<dl>
<dt><a href="accounts">accounts</a></dt>
<dd>What is in them</dd>
<dt><a href="audit">audit</a></dt>
<dd>Three lines of a stream, with the id of the request</dd>
</dl>
<p>A transfer, of which the answer names a receipt that is good for a minute:</p>
<pre><code>curl -d '{"from":"a","to":"b","amount":30}' \\
  -H 'Content-Type: application/json' \\
  ${url('transfer').resolve(req)}</code></pre>
<p>More than there is gets 409, and nothing is changed. With <code>?slow=1</code> it takes two seconds: leave meanwhile,
and nothing is changed either.</p>`,
    });
  }

  @Get('/audit')
  audit() {
    return reply(steps(), { contentType: 'text/plain; charset=utf-8' });
  }
}

const app = await bootstrap({
  controllers: [Pages, Bank],
  features: [transactions(betterSqlite3(database))],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

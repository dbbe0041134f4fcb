/** A PostgreSQL server for tests: a cluster of its own in a temporary folder, on a socket there. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool, type PoolConfig } from 'pg';

/** Debian keeps the programs of each version apart. */
const DEBIAN = '/usr/lib/postgresql';
/** It keeps nothing that outlives a test, so it need not wait for the disk. */
const SETTINGS = ['fsync=off', 'listen_addresses=', 'max_connections=100', 'deadlock_timeout=20ms'];
const TRIES = 200;

/** It refuses to run as root, so there it runs as its own user. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

function program(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(DEBIAN, version, 'bin', name))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (spawnSync(name, ['--version']).status === 0) return name;
  throw new Error(`There is no ${name}: install the package postgresql.`);
}

export class PostgresServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'obol-postgres-'));
  readonly #account = account();
  readonly #pools: Pool[] = [];
  #process: ChildProcess | undefined;

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer();
    server.#initialize();
    await server.restart();
    return server;
  }

  /** A pool of clients that is ended with the server. */
  pool(config: PoolConfig = {}): Pool {
    const pool = new Pool({ host: this.#folder, user: 'test', database: 'postgres', ...config });
    // Idle clients whose server goes away; without a listener it would be the end of the process.
    pool.on('error', () => undefined);
    this.#pools.push(pool);
    return pool;
  }

  async restart(): Promise<void> {
    const args = [
      '-D',
      join(this.#folder, 'data'),
      '-k',
      this.#folder,
      ...SETTINGS.flatMap((each) => ['-c', each]),
    ];
    this.#process = spawn(program('postgres'), args, { ...this.#account, stdio: 'ignore' });
    for (let tries = 0; tries < TRIES; tries++) {
      const client = new Client({ host: this.#folder, user: 'test', database: 'postgres' });
      const isThere = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => undefined);
      if (isThere) return;
      await sleep(25);
    }
    throw new Error('PostgreSQL did not start');
  }

  /** At once, as if it had crashed, but for the memory that it shares. */
  async crash(): Promise<void> {
    const running = this.#process;
    if (running?.exitCode !== null) return;
    running.kill('SIGQUIT');
    await once(running, 'exit');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
    await this.crash();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #initialize(): void {
    const { uid, gid } = this.#account;
    if (uid !== undefined && gid !== undefined) chownSync(this.#folder, uid, gid);
    const args = [
      '-D',
      join(this.#folder, 'data'),
      '-U',
      'test',
      '--auth=trust',
      '--no-sync',
      '--encoding=UTF8',
    ];
    execFileSync(program('initdb'), args, { ...this.#account, stdio: 'ignore' });
  }
}

/** A Redis (or Valkey) server for tests, and connections to it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { HttpError } from 'obol';
import { redis, type Redis } from 'obol/redis';
import { collectingLogger, type CollectingLogger } from './collecting-logger.js';

const PROGRAMS = [process.env['REDIS_SERVER'], 'redis-server', 'valkey-server'].filter(
  (name) => name !== undefined,
);

/** A connection that has been started, and what it logged. */
export function connect(url: string): { connection: Redis; logger: CollectingLogger } {
  const logger = collectingLogger();
  const connection = redis({ url });
  connection.start({ logger });
  return { connection, logger };
}

/** What a command was refused with. @throws Error when it was answered, or refused with no HTTP error */
export async function refusal(sent: Promise<unknown>): Promise<HttpError> {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HttpError) return error;
  throw new Error('It was not refused', { cause: error });
}

/** One server on a port of its own, which keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, on the same port as before. */
  async restart(): Promise<void> {
    const settings = { port: this.port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: tmpdir() };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const program = PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0);
    if (program === undefined)
      throw new Error('There is no redis-server; install it or set REDIS_SERVER to its path.');
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let output = '';
    for await (const text of child.stdout) {
      output += String(text);
      if (output.includes('Ready to accept connections')) break;
    }
    child.stdout.resume();
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Lets it stand still with its connections open, and go on. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

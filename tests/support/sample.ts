/** A sample as its readers start it, running for the tests around. */
import { afterAll, beforeAll } from '@jest/globals';
import { Program } from './program.js';
import { askOnce, type RawResponse } from './raw-client.js';

/** A sample that runs. */
export class Sample {
  readonly #name: string;
  readonly #env: Readonly<Record<string, string>>;
  #program: Program | undefined;
  url = '';
  port = 0;

  constructor(name: string, env: Readonly<Record<string, string>>) {
    this.#name = name;
    this.#env = env;
  }

  async start(): Promise<void> {
    this.#program = new Program(['samples/run.mjs', this.#name], { ...this.#env, PORT: '0' });
    const [, url = '', port] = await this.#program.prints(/Listening on (http:\/\/127\.0\.0\.1:(\d+))\n/);
    this.url = url;
    this.port = Number(port);
  }

  /** The runner passes the signal on to the sample; a SIGKILL would leave that one behind. */
  async stop(): Promise<void> {
    this.#program?.process.kill('SIGTERM');
    await this.#program?.exited;
  }

  /** Everything it printed so far, errors included. */
  get output(): string {
    return this.#program?.output ?? '';
  }

  /** Sends a request with no other fields than Host and those given, on a connection of its own. */
  ask(line: string, fields: readonly string[] = [], body = ''): Promise<RawResponse> {
    return askOnce(this.port, line, fields, body);
  }
}

/** Starts a sample for the tests of the file or the block that calls this. */
export function sample(name: string, env: Readonly<Record<string, string>> = {}): Sample {
  const running = new Sample(name, env);
  beforeAll(() => running.start());
  afterAll(() => running.stop());
  return running;
}

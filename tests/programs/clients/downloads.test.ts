/** Downloads as real programs make them: cut and resumed. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessEntry } from 'obol';
import { staticFiles } from 'obol/static';
import { emptySite, type Site } from '../../support/site.js';
import { serve, type Served } from '../../support/serve.js';

/** More than the buffers of the system hold, so that a slow client never has all of it on its way. */
const CONTENT = randomBytes(32 * 1024 * 1024);

let site: Site;

beforeAll(() => {
  site = emptySite();
  site.write('film.bin', CONTENT);
});
afterAll(() => {
  site.remove();
});

/** What a program runs, and what it gives when it was cut off by the server. */
interface Downloader {
  readonly program: string;
  readonly cutCode: number;
  readonly args: (url: string, file: string, rate: string) => readonly string[];
}

const DOWNLOADERS: readonly Downloader[] = [
  {
    program: 'curl',
    cutCode: 18,
    args: (url, file, rate) => ['-sS', '-C', '-', '--limit-rate', rate, '-o', file, url],
  },
  {
    program: 'wget',
    cutCode: 4,
    args: (url, file, rate) => ['-q', '-c', '--tries=1', `--limit-rate=${rate}`, '-O', file, url],
  },
];

const SLOWLY = '1M';
const AT_ONCE_RATE = '1000M';

/** Size of a file that may not be there yet. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.each(DOWNLOADERS)('$program', ({ program, cutCode, args }) => {
  const answered: AccessEntry[] = [];
  let served: Served | undefined;
  let file: string;

  afterEach(async () => {
    await served?.server.close();
    rmSync(file, { force: true });
    answered.length = 0;
  });

  async function start(port = 0): Promise<string> {
    const accessLog = (entry: AccessEntry): void => void answered.push(entry);
    served = await serve(staticFiles(site.root), { port, accessLog, drainTimeout: 1 });
    return `http://127.0.0.1:${served.port}/film.bin`;
  }

  function run(url: string, rate: string) {
    file = join(site.base, `${program}.bin`);
    const child = spawn(program, args(url, file, rate), { stdio: 'ignore' });
    const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
    return { child, exited };
  }

  /** Runs it again, and says what it asked for and whether that was all it needed. */
  async function resume(url: string): Promise<void> {
    const before = sizeOf(file);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(CONTENT.length);
    const seen = answered.length;
    expect(await run(url, AT_ONCE_RATE).exited).toEqual([0, null]);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    await until(() => answered.length > seen);
    const { request, status, length } = answered.at(-1) ?? {};
    expect([request?.headers.get('range'), status, length]).toEqual([
      `bytes=${before}-`,
      206,
      CONTENT.length - before,
    ]);
  }

  test('resumes a download that was killed to the very same file', async () => {
    const url = await start();
    const { child, exited } = run(url, SLOWLY);
    await until(() => sizeOf(file) > 0);
    child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    await until(() => answered.length > 0);
    expect(answered[0]).toMatchObject({ status: 200, complete: false });
    await resume(url);
  });

  test('resumes a download that the end of the server cut to the very same file', async () => {
    const url = await start();
    const { exited } = run(url, SLOWLY);
    await until(() => sizeOf(file) > 0);
    const port = served?.port;
    await served?.server.close();
    expect(await exited).toEqual([cutCode, null]);
    await start(port);
    await resume(url);
  });

  test('is told that it has all of the file already', async () => {
    const url = await start();
    expect(await run(url, AT_ONCE_RATE).exited).toEqual([0, null]);
    await run(url, AT_ONCE_RATE).exited;
    await until(() => answered.length > 1);
    expect(answered.map(({ status }) => status)).toEqual([200, 416]);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });
});

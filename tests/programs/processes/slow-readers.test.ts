/** A hundred clients that ask for a large file and read nothing: what they cost, and how long they may. */
import { readdirSync, readFileSync, readlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SERVER_LIMITS } from '../../../src/hosts/node/options.js';
import { HAS_PROC, residentMemory } from '../../support/proc.js';
import { emptySite, type Site } from '../../support/site.js';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';

const CLIENTS = 100;
const KIB = 1024;
const SIZE = 100 * KIB * KIB;
const SERVER = 'tests/programs/fixtures/file-server.ts';
/** The garbage that V8 lets lie for a while would count as theirs. */
const SMALL_YOUNG = '--max-semi-space-size=1';

if (!HAS_PROC) process.stderr.write('Skipped: what slow readers cost: this system has no /proc.\n');

let site: Site;
let program: Program | undefined;
let clients: RawClient[] = [];

beforeAll(() => {
  site = emptySite();
  site.write('large.bin', '');
  truncateSync(join(site.root, 'large.bin'), SIZE);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await program?.stop();
  program = undefined;
});
afterAll(() => {
  site.remove();
});

/** A server in a process of its own. @returns its port */
async function start(settings: Readonly<Record<string, string>> = {}): Promise<number> {
  program = new Program([SMALL_YOUNG, '--import', '@oxc-node/core/register', SERVER], {
    FOLDER: site.root,
    ...settings,
  });
  const [, port] = await program.prints(/Listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
  return Number(port);
}

const pid = (): number => Number(program?.process.pid);
const proc = (name: string): string => `/proc/${String(pid())}/${name}`;

/** Bytes that the process has read from anywhere. */
function bytesRead(): number {
  return Number(/^rchar: (\d+)/.exec(readFileSync(proc('io'), 'latin1'))?.[1]);
}

/** How often it has the file open. */
function openFiles(): number {
  return readdirSync(proc('fd')).filter((fd) => {
    try {
      return readlinkSync(proc(`fd/${fd}`)).endsWith('/large.bin');
    } catch {
      return false;
    }
  }).length;
}

const moment = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await moment(10);
}

/** Clients that ask for the file, and then do nothing. */
async function stall(port: number, count: number): Promise<RawClient[]> {
  const stalled = await Promise.all(Array.from({ length: count }, () => RawClient.connect(port)));
  for (const client of stalled) {
    client.socket.pause();
    client.request('GET /large.bin');
  }
  clients = [...clients, ...stalled];
  await until(() => openFiles() === clients.length);
  // The server reads on until the buffers of the system are full; three looks in a row shall see no change.
  for (let before = -1, same = 0; same < 3; same = bytesRead() === before ? same + 1 : 0) {
    before = bytesRead();
    await moment(100);
  }
  return stalled;
}

const describeHere = HAS_PROC ? describe : describe.skip;

describeHere(`${CLIENTS} clients that read nothing of a file of 100 MiB`, () => {
  test('cost less than 256 KiB of memory each', async () => {
    const port = await start();
    // What the first ones cost is code and pools that the server keeps.
    const first = await stall(port, 5);
    for (const client of first) client.destroy();
    clients = [];
    await until(() => openFiles() === 0);
    const before = residentMemory(pid());
    await stall(port, CLIENTS);
    const each = (residentMemory(pid()) - before) / CLIENTS;
    if (process.env['FIGURES']) process.stderr.write(`${each} KiB for each slow reader\n`);
    expect(openFiles()).toBe(CLIENTS);
    expect(each).toBeLessThan(256);
  });

  test('hold nobody up, and are gone without a trace when they leave', async () => {
    const port = await start();
    await stall(port, CLIENTS);
    const other = await RawClient.connect(port);
    expect((await other.request('GET /absent').response()).status).toBe(404);
    const part = await other.request('GET /large.bin', ['Range: bytes=-3']).response();
    expect([part.status, part.text]).toEqual([206, '\0\0\0']);
    other.destroy();
    for (const client of clients.splice(0)) client.destroy();
    await until(() => openFiles() === 0);
    expect(program?.output).toMatch(/^Listening on \S+\n$/);
  });

  test('are closed, and their files with them, when the time for progress is over', async () => {
    const port = await start({ WRITE_TIMEOUT: '1500' });
    const connected = Date.now();
    const stalled = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(port)));
    for (const client of stalled) client.request('GET /large.bin').socket.pause();
    clients = stalled;
    // On a busy machine the first may be closed before the last has begun.
    await until(() => openFiles() > 0);
    await until(() => openFiles() === 0);
    expect(Date.now() - connected).toBeGreaterThanOrEqual(1500);
    // What was sent before is read now, and then the end of the connection is seen.
    const [one] = stalled;
    one?.socket.resume();
    await one?.closed;
    expect((await one?.response())?.complete).toBe(false);
  });
});

test('without progress for 60 seconds, a response is cut unless told otherwise', () => {
  expect(SERVER_LIMITS.writeTimeout).toBe(60_000);
});

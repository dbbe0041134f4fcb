/** Scripts under load: what they cost the server, in a process of its own, and what they leave behind. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestFolder } from '../../support/folder.js';
import {
  childrenOf,
  forgetPeak,
  HAS_PROC,
  openDescriptors,
  peakMemory,
  processesWith,
  residentMemory,
} from '../../support/proc.js';
import { Program } from '../../support/program.js';
import { RawClient, type RawResponse } from '../../support/raw-client.js';
import { ScriptsFolder } from '../../support/scripts.js';
import { stressed } from '../../support/stress.js';

const KIB = 1024;
const SIZE = 10 * KIB * KIB;
const TEXT = String.raw`printf 'Content-Type: text/plain\n\n'`;

const scripts = new ScriptsFolder();
const temporary = new TestFolder();
const servers = new Map<string, { readonly program: Program; readonly port: number; readonly pid: number }>();

beforeAll(() => {
  scripts.script('echo.sh', `${TEXT}; exec cat`);
  scripts.script('first-reads.sh', `${TEXT}; cat > /dev/null; exec head -c ${SIZE} /dev/zero`);
  scripts.script('first-writes.sh', `${TEXT}; head -c ${SIZE} /dev/zero; exec cat > /dev/null`);
  scripts.script('never-reads.sh', `${TEXT}; exec head -c ${SIZE} /dev/zero`);
  scripts.script('short.sh', `${TEXT}; sleep 0.02; echo done`);
  scripts.script('waits.sh', `until [ -e go ]; do sleep 0.05; done; ${TEXT}; echo done`);
  scripts.script('long.sh', `${TEXT}; sleep 98765 & exec sleep 98765`);
  scripts.script('silent.sh', 'sleep 98765 & exec sleep 98765');
});
afterAll(async () => {
  await Promise.all([...servers.values()].map(({ program }) => program.stop()));
  scripts.remove();
  temporary.remove();
});

/** A server with these options, which runs until all tests are over. */
async function serverWith(options: object = {}) {
  const key = JSON.stringify(options);
  const known = servers.get(key);
  if (known) return known;
  const program = new Program(
    ['--import', '@oxc-node/core/register', 'tests/programs/fixtures/cgi-server.ts'],
    { FOLDER: scripts.path, OPTIONS: key, TMPDIR: temporary.path },
  );
  const [, port] = await program.prints(/Listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
  const server = { program, port: Number(port), pid: Number(program.process.pid) };
  servers.set(key, server);
  return server;
}

async function ask(port: number, path: string, body?: Buffer): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    if (!body) return await client.request(`GET ${path}`).response();
    client.request(`POST ${path}`, [`Content-Length: ${body.length}`]).send(body);
    return await client.response();
  } finally {
    client.destroy();
  }
}

const moment = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await moment(20);
}

describe('10 MB in and 10 MB out', () => {
  const body = randomBytes(SIZE);
  const zeros = Buffer.alloc(SIZE);

  test.each([
    ['echo.sh', body],
    ['first-reads.sh', zeros],
    ['first-writes.sh', zeros],
    ['never-reads.sh', zeros],
  ])('%s ends', async (name, expected) => {
    const { port } = await serverWith();
    const { status, body: content, complete } = await ask(port, `/${name}`, body);
    expect([status, complete, content.equals(expected)]).toEqual([200, true, true]);
  });

  (HAS_PROC ? test : test.skip)('cost less than 8 MiB of memory', async () => {
    const { port, pid } = await serverWith();
    // What the first ones cost is code, and garbage until the collector knows how much of it there is.
    for (let round = 0; round < 30; round++) await ask(port, '/echo.sh', body.subarray(0, KIB * KIB));
    const before = residentMemory(pid);
    forgetPeak(pid);
    await ask(port, '/echo.sh', body);
    const rise = (peakMemory(pid) - before) / KIB;
    if (process.env['FIGURES']) process.stderr.write(`${rise.toFixed(1)} MiB for 10 MB in and out\n`);
    expect(rise).toBeLessThan(8);
  });
});

(HAS_PROC ? describe : describe.skip)('clients that leave', () => {
  /** How each of them leaves: a script that has answered, one that has not, and one whose body is not there yet. */
  const requests: readonly (readonly [line: string, fields: readonly string[], body: string])[] = [
    ['GET /long.sh', [], ''],
    ['GET /silent.sh', [], ''],
    ['POST /silent.sh', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
    ['POST /silent.sh', ['Transfer-Encoding: chunked'], `1000\r\n${'x'.repeat(4096)}\r\n`],
    ['POST /silent.sh', ['Content-Length: 100000'], 'x'.repeat(5000)],
  ];

  test('leave no process, no descriptor and no file', async () => {
    const { port, pid, program } = await serverWith();
    await ask(port, '/short.sh');
    await until(() => childrenOf(pid).length === 0);
    const before = openDescriptors(pid);
    const rounds = stressed(5, 50);
    for (let round = 0; round < rounds; round++) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(port)));
      clients.forEach((client, index) => {
        const [line, fields, body] = requests[index % requests.length] ?? ['', [], ''];
        client.request(line, fields, body);
      });
      // Some leave while their script is still being started, others when it runs.
      if (round % 2) await until(() => processesWith('98765').length > 0);
      for (const client of clients) client.destroy();
    }
    await until(() => processesWith('98765').length === 0 && childrenOf(pid).length === 0);
    // The connection of the first request may still be among those of before.
    await until(() => openDescriptors(pid) <= before);
    expect(readdirSync(temporary.path)).toEqual([]);
    expect(program.output).not.toMatch(/Error/);
    expect((await ask(port, '/short.sh')).text).toBe('done\n');
  });
});

describe('200 requests at once, with 8 scripts at a time', () => {
  const all = (port: number): Promise<RawResponse[]> =>
    Promise.all(Array.from({ length: 200 }, () => ask(port, '/short.sh')));

  test('are all answered', async () => {
    const { port } = await serverWith({ concurrency: 8 });
    const answers = await all(port);
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(200).fill([200, 'done\n']));
  });

  test('and a queue of 8: the rest is refused, and asked to come back', async () => {
    const { port } = await serverWith({ concurrency: 8, queue: 8 });
    const counted = { refused: 0 };
    const asked = Array.from({ length: 200 }, async () => {
      const answer = await ask(port, '/waits.sh');
      if (answer.status === 503) counted.refused++;
      return answer;
    });
    await until(() => counted.refused === 200 - 8 - 8);
    scripts.script('go', '');
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
    expect(refused.every((answer) => Number(answer.header('retry-after')) > 0)).toBe(true);
    // They are served when there is room again.
    expect((await ask(port, '/short.sh')).status).toBe(200);
  });
});

/**
 * Records what real clients send, byte for byte, into tests/hosts/clients: run it by hand, as
 * `node tests/programs/clients/recorder/record.mjs [FOLDER-WITH-NODE-MODULES] [CLIENT ...]`, where a client is to be recorded anew.
 *
 * What it needs (one that is missing is left out, and its recordings stay as they are), from Debian: curl wget python3-requests python3-urllib3
 * python3-httpx python3-aiohttp python3-requests-toolbelt python3-httplib2 python3-pycurl httpie ruby ruby-httpclient ruby-rest-client
 * ruby-typhoeus ruby-faraday libwww-perl libhttp-tiny-perl libmojolicious-perl php-cli php-curl php-guzzlehttp-guzzle golang-go
 * default-jdk libokhttp-java libhttpclient-java libhttpmime-java mono-mcs libmono-system-net-http4.0-cil lynx w3m elinks links aria2 tclcurl tcllib
 * chromium; from npm, into a folder of their own: axios axios-old@npm:axios@0.21.4 got undici form-data superagent node-fetch@2
 * node-fetch3@npm:node-fetch@3 needle request ky.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CLIENTS } from './clients.mjs';

const [modules = '.', ...only] = process.argv.slice(2);
const target = resolve(import.meta.dirname, '../../../hosts/clients');
const place = mkdtempSync(join(tmpdir(), 'record-'));
const tablePath = join(target, 'recordings.json');
const ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

/** Whether a request is there whole, as its own head says. */
function isWhole(bytes) {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const length = /^content-length:\s*(\d+)/im.exec(head)?.[1];
  if (/^transfer-encoding:.*chunked/im.test(head)) return /(?:^|\r\n)0\r\n\r\n$/.test(body);
  return body.length >= Number(length ?? 0);
}

/** The first request that a command sends. */
async function record(command) {
  let recorded;
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    let hasContinued = false;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!hasContinued && /\r\nexpect: 100-continue/i.test(bytes.toString('latin1'))) {
        hasContinued = true;
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      }
      if (!isWhole(bytes)) return;
      // A browser asks for its icon on its own.
      if (!bytes.subarray(0, 64).includes('favicon')) recorded ??= bytes;
      socket.end(ANSWER);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const child = spawn('bash', ['-c', command.replaceAll('$URL', url)], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      LC_ALL: 'C.UTF-8',
      no_proxy: '*',
      MODULES: resolve(modules),
      REPOSITORY: resolve(target, '../../..'),
    },
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await new Promise((done) => child.on('exit', done));
  clearTimeout(timer);
  server.close();
  if (!recorded) console.error(errors.slice(-600));
  return recorded;
}

function readTable() {
  try {
    return JSON.parse(readFileSync(tablePath, 'utf8'));
  } catch {
    return [];
  }
}

mkdirSync(target, { recursive: true });
writeFileSync(join(place, 'hello.txt'), 'hello\n');
writeFileSync(join(place, 'žluť.txt'), 'hello\n');
const table = new Map(readTable().map((entry) => [entry.file, entry]));
for (const { name, version, files = {}, prepare = 'true', requests } of CLIENTS) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const [path, text] of Object.entries(files)) writeFileSync(join(place, path), text);
  const options = {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, MODULES: resolve(modules), REPOSITORY: resolve(target, '../../..') },
  };
  const prepared = spawnSync('bash', ['-c', prepare], options);
  if (prepared.status !== 0) {
    console.error(`${name} is left out: ${prepared.stderr.slice(-300)}`);
    continue;
  }
  const found = spawnSync('bash', ['-c', version], options).stdout.trim().split('\n')[0];
  for (const [kind, given] of Object.entries(requests)) {
    const { command, ...more } = typeof given === 'string' ? { command: given } : given;
    const bytes = await record(command);
    if (!bytes) {
      console.error(`${name} ${kind}: nothing was sent`);
      continue;
    }
    const file = `${name}-${kind}.http`;
    writeFileSync(join(target, file), bytes);
    table.set(file, { file, client: name, version: found, kind: kind.replace(/-.*/, ''), ...more });
    console.log(`${file}: ${bytes.length} bytes`);
  }
}
const sorted = [...table.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
writeFileSync(tablePath, `${JSON.stringify(sorted, undefined, 2)}\n`);

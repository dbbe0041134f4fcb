// Measures the memory that a server takes while one file is uploaded to it: it must not grow with the file.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { fileEnvelope, fileSize, lengthAnswer } from './form-workloads.mjs';
import { frameworks } from './frameworks.mjs';
import { progress } from './progress.mjs';
import { startServer } from './server-process.mjs';

const paths = ['/upload', '/upload-disk'];
const sizes = [fileSize, 100 * 1024 ** 2, 1024 ** 3];
const samplingInterval = 5;
const zeros = Buffer.alloc(65_536);

/** Bytes of RSS before an upload of each size, and at most during it; each upload goes to a process of its own. */
export async function measureMemory(names) {
  const subjects = names.flatMap((name) => paths.map((path) => ({ name, path, samples: [] })));
  for (const { name, path, samples } of subjects) {
    for (const size of sizes) {
      progress(`memory: ${size / 1024 ** 2} MiB to ${name} ${path}`);
      samples.push(await uploadOnce(frameworks[name].server, path, size));
    }
  }
  return subjects;
}

async function uploadOnce(command, path, size) {
  const server = await startServer(command);
  await server.ask('memory'); // collects the garbage of the start
  const before = residentBytes(server.pid);
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, residentBytes(server.pid))), samplingInterval);
  try {
    await upload(server.port, path, size);
  } finally {
    clearInterval(sampling);
  }
  await server.stop();
  return { size, before, peak };
}

/** Sends a file of zeros that is never whole in memory; throws unless the server counted every byte. */
async function upload(port, path, size) {
  const { type, begin, end } = fileEnvelope;
  const headers = { 'content-type': type, 'content-length': begin.length + size + end.length };
  const sent = httpRequest({ host: '127.0.0.1', port, method: 'POST', path, headers });
  const [[response]] = await Promise.all([
    once(sent, 'response'),
    pipeline(Readable.from(body(size), { objectMode: false, highWaterMark: zeros.length }), sent),
  ]);
  const answer = await text(response);
  if (answer !== lengthAnswer(size)) throw new Error(`${path} got ${response.statusCode}: ${answer}`);
}

function* body(size) {
  yield fileEnvelope.begin;
  for (let left = size; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
  yield fileEnvelope.end;
}

/** From the system rather than over IPC, for a busy server would answer late. */
function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]);
}

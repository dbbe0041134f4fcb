// Starts a server in a process of its own and talks to it over IPC.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverCommand } from './cores.mjs';

const running = new Set();
/** Where the servers keep their temporary files, so that none outlives the run. */
const temporary = mkdtempSync(join(tmpdir(), 'obol-bench-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

/** Starts a server file of this folder; resolves to its port, process id and startup time when it listens. */
export async function startServer([file, ...args]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(...serverCommand(['--expose-gc', path, ...args]), {
    env: { ...process.env, NODE_ENV: 'production', TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error(`The server ${file} ended unexpectedly`);
  });
  failed.catch(() => {});

  const message = async () => (await Promise.race([once(child, 'message'), failed]))[0];
  const server = {
    pid: child.pid,
    ask(question) {
      child.send(question);
      return message();
    },
    async stop() {
      running.delete(server);
      if (child.connected) child.send('exit');
      await ended;
    },
  };
  running.add(server);
  return Object.assign(server, await message());
}

/** Stops whatever server still runs. */
export async function stopServers() {
  await Promise.all(Array.from(running, (server) => server.stop()));
}

// Starts a server in a process of its own and talks to it over IPC.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onServerCore } from './cores.mjs';
import { startNginx } from './nginx.mjs';
import { temporary } from './temporary.mjs';

const running = new Set();

/** Starts a server file of this folder; resolves to its port, process id and startup time when it listens. */
export async function startServer([file, ...args]) {
  const server = file === 'nginx' ? await startNginx() : await startNode(file, args);
  running.add(server);
  return server;
}

/** Stops whatever server still runs. */
export async function stopServers() {
  const servers = Array.from(running);
  running.clear();
  await Promise.all(servers.map((server) => server.stop()));
}

async function startNode(file, args) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(...onServerCore(process.execPath, ['--expose-gc', path, ...args]), {
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
  return Object.assign(server, await message());
}

// Runs nginx on the folder of static files: one process, which is the worker, in the foreground.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onServerCore } from './cores.mjs';
import { fileFolder } from './file-workloads.mjs';
import { temporary } from './temporary.mjs';

const program = '/usr/sbin/nginx';
const patience = 5000;

/** The release, or undefined where nginx is missing. */
export function nginxVersion() {
  if (!existsSync(program)) return undefined;
  return /nginx\/(\S+)/.exec(spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr)?.[1];
}

/** Resolves to a server as `startServer` gives it; it can be asked for its CPU time only. */
export async function startNginx() {
  const port = await freePort();
  const home = join(temporary, 'nginx');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'nginx.conf'), configuration(port));
  const [command, args] = onServerCore(program, ['-p', home, '-c', 'nginx.conf', '-e', 'stderr']);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  // Nothing tells it that the bench has gone.
  process.on('exit', () => child.kill());
  await answering(port, child);
  return {
    pid: child.pid,
    port,
    ask: async () => cpuTime(child.pid),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** Without a master the process that was started is the worker, so its time is the worker's. */
function configuration(port) {
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path temp;`,
  );
  return `
    daemon off;
    master_process off;
    worker_processes 1;
    pid nginx.pid;
    error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off;
      sendfile on;
      keepalive_requests 1000000000;
      ${bodies.join('\n')}
      types { text/css css; image/png png; }
      default_type application/octet-stream;
      server { listen 127.0.0.1:${port}; root "${fileFolder}"; }
    }`;
}

/** Microseconds, as `process.cpuUsage()` counts them: the kernel's own record, which has them to the nanosecond. */
function cpuTime(pid) {
  const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
  return { user: 0, system: Number(nanoseconds) / 1000 };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(port, child) {
  const deadline = performance.now() + patience;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const socket = connect({ port, host: '127.0.0.1' });
    const opened = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (opened) return;
    await wait(20);
  }
  child.kill();
  throw new Error('nginx does not answer');
}

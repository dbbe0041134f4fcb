// Runs in every server process: starts the server and answers what the bench asks over IPC.

import { once } from 'node:events';

const answers = {
  cpu: () => process.cpuUsage(),
  memory: () => {
    globalThis.gc();
    return process.memoryUsage();
  },
  connections: () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
  exit: () => process.exit(),
};

/** Calls `start`, which resolves to the port, and reports the port and the milliseconds it took. */
export async function serve(start) {
  process.on('disconnect', () => process.exit());
  process.on('message', (question) => process.send(answers[question]()));

  const began = performance.now();
  const port = await start();
  process.send({ port, startup: performance.now() - began });
}

/** Makes an http.Server listen on a free port of the loopback interface and resolves to that port. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

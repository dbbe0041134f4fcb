// Measures how long a framework takes to start with a thousand controllers, and the memory it takes then.

import { frameworks } from './frameworks.mjs';
import { progress } from './progress.mjs';
import { startServer } from './server-process.mjs';

const runs = 3;

/** Milliseconds and bytes of every run; each run is a process of its own. */
export async function measureStartup(names) {
  const subjects = names.map((name) => ({ name, samples: [] }));
  for (let run = 1; run <= runs; run++) {
    progress(`startup: run ${run} of ${runs}`);
    for (const { name, samples } of subjects) {
      samples.push(await startOnce(frameworks[name].startup));
    }
  }
  return subjects;
}

async function startOnce(command) {
  const server = await startServer(command);
  const { rss, heapUsed } = await server.ask('memory');
  await server.stop();
  return { time: server.startup, rss, heapUsed };
}

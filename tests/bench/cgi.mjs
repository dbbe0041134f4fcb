// Server CPU of a CGI request, Obol's beside that of spawn() alone. By hand, once built:
// node tests/bench/cgi.mjs [--rounds 7] [--requests 400]

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { separateCores } from './cores.mjs';
import { inTurn, requestBytes } from './load.mjs';
import { measure } from './measure.mjs';
import { endProgress } from './progress.mjs';
import { frameworkTable } from './report.mjs';
import { startServer, stopServers } from './server-process.mjs';
import { temporary } from './temporary.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '400' },
  },
});
const options = { rounds: Number(values.rounds), requests: Number(values.requests), connections: 4 };

/** As short a life as a program can have. */
const script = join(temporary, 'script.sh');
writeFileSync(
  script,
  `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
[ "$REQUEST_METHOD" = POST ] && cat || echo hello
`,
);
chmodSync(temporary, 0o755);
chmodSync(script, 0o755);

const workloads = {
  get: { method: 'GET', path: '/' },
  post: { method: 'POST', path: '/', type: 'text/plain', body: 'x'.repeat(2048) },
};

separateCores();
try {
  const servers = {
    bare: await startServer(['servers/cgi-bare.mjs', script]),
    obol: await startServer(['servers/cgi-obol.mjs', script]),
  };
  const compared = Object.fromEntries(
    Object.entries(workloads).map(([name, request]) => [
      name,
      Object.entries(servers).map(([name, server]) => ({
        name,
        server,
        load: inTurn([requestBytes(request)]),
        samples: [],
      })),
    ]),
  );
  await measure(compared, { ...options, warmUp: 500 });
  endProgress();
  console.log(frameworkTable(compared));
} finally {
  await stopServers();
}

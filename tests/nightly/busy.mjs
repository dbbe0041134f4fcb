/**
 * `node tests/nightly/busy.mjs [runs] [loops]`: the tests of `npm test` while loops keep every core busy beside them. They are
 * slow then, and none may fail for it. Default one run, three loops for each core.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { FAST_TESTS, Lane, tests } from '../support/lane.mjs';

const [runs = '1', loops = String(3 * availableParallelism())] = process.argv.slice(2);
const busy = Array.from({ length: Number(loops) }, () => spawn(process.execPath, ['-e', 'for (;;);']));
const lane = new Lane({ quiet: true });
try {
  for (let run = 0; run < Number(runs); run++) await lane.run([tests(...FAST_TESTS)]);
} finally {
  for (const child of busy) child.kill('SIGKILL');
}
lane.end(`${runs} runs beside ${loops} busy loops`);

/** Runs all cases; the last line counts. */
import { cases } from './cases.ts';

let failed = 0;
for (const [name, run] of cases) {
  try {
    await run();
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}`, error);
  }
}
console.log(`${String(cases.length - failed)} passed, ${String(failed)} failed`);
if (failed > 0) process.exitCode = 1;

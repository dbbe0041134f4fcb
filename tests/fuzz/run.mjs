/** `npm run fuzz`: every property for 20 seconds, or as long as OBOL_FUZZ_SECONDS says; arguments go to jest. */
import { Lane, tests } from '../support/lane.mjs';

process.env.OBOL_FUZZ_SECONDS ??= '20';

const lane = new Lane();
await lane.run([tests('tests/fuzz', ...process.argv.slice(2))]);
lane.end(`each property tried for ${process.env.OBOL_FUZZ_SECONDS} s`);

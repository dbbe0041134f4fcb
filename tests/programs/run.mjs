/** `npm run test:programs`: the tests that need other programs; where one is missing they fail. */
import { Lane, tests } from '../support/lane.mjs';

/** Ends what hangs, and judges nothing else: a machine may be busy, and the registry that packages come from slow. */
const PATIENCE = '--testTimeout=600000';

const lane = new Lane();
await lane.build();
await lane.run([tests('tests/programs', PATIENCE, ...process.argv.slice(2))]);
lane.end('tests with real programs');

/** `npm run test:programs`: the tests that need other programs; where one is missing they fail. */
import { Lane, tests } from '../support/lane.mjs';

const lane = new Lane();
await lane.build();
await lane.run([tests('tests/programs', ...process.argv.slice(2))]);
lane.end('tests with real programs');

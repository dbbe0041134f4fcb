/** `npm run fuzz`: every property for a minute, or as long as OBOL_FUZZ_SECONDS says; arguments go to jest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const jest = join('node_modules', 'jest', 'bin', 'jest.js');
const { OBOL_FUZZ_SECONDS = '60' } = process.env;
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    jest,
    join('tests', 'fuzz'),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, OBOL_FUZZ_SECONDS } },
);
process.exitCode = status ?? 1;

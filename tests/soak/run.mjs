/**
 * `npm run soak`: the tests that try something again and again, as often as it takes to wear something out. Arguments go to
 * jest, paths of tests among them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lane, tests } from '../support/lane.mjs';

process.env.OBOL_SOAK = '1';
const stressed = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('bench'))
  .map((file) => join('tests', file))
  .filter((file) => readFileSync(file, 'utf8').includes('stressed('));
const given = process.argv.slice(2);
const paths = given.some((argument) => !argument.startsWith('-')) ? [] : stressed;

const lane = new Lane();
await lane.run([tests('--testTimeout=3600000', ...paths, ...given)]);
lane.end('what is tried under stress');

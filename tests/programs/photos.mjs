/** `npm run pages`: photographs every page of the samples and of Obol, light and dark, narrow and wide, into photos/. */
import { rmSync } from 'node:fs';
import { Lane, tests } from '../support/lane.mjs';

rmSync('photos', { recursive: true, force: true });
process.env['PHOTOS'] = 'photos';

const lane = new Lane();
await lane.run([tests('tests/programs/browser/pages.test.ts', ...process.argv.slice(2))]);
lane.end('photographs in photos/');

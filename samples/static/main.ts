/** A small site with a listing: `npm run sample -- static`, or `FOLDER=~/pictures npm run sample -- static`. */
import { listen } from 'obol';
import { staticFiles } from 'obol/static';

const folder = process.env['FOLDER'] ?? new URL('public/', import.meta.url);
const site = staticFiles(folder, {
  listing: true,
  // Compressed ahead of time, as a build does it: styles.css.gz beside styles.css.
  precompressed: ['br', 'gzip'],
  // Names with a hash in them never change what they stand for.
  immutable: /-[\da-f]{8}\.\w+$/,
});

const server = await listen(site, {
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

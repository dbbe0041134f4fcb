// Bare node:http with a folder of files: asks the system about each, reads small ones whole and streams the others.

import { createReadStream, readFile, stat } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { listen, serve } from '../serve.mjs';

const root = process.argv[2];
const smallFile = 64 * 1024;
const types = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.png', 'image/png'],
]);

function handle({ url }, res) {
  // As a program with flat folders may do it: no name leads anywhere else.
  if (!/^\/[\w-]+\.\w+$/.test(url)) return notFound(res);
  const path = join(root, url);
  stat(path, (error, stats) => {
    if (error || !stats.isFile()) return notFound(res);
    const { size, mtimeMs, mtime } = stats;
    const headers = {
      'Content-Type': types.get(extname(path)) ?? 'application/octet-stream',
      'Content-Length': size,
      ETag: `W/"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`,
      'Last-Modified': mtime.toUTCString(),
    };
    if (size > smallFile) {
      res.writeHead(200, headers);
      createReadStream(path)
        .on('error', () => res.destroy())
        .pipe(res);
      return;
    }
    readFile(path, (failure, content) => {
      if (failure) return notFound(res);
      res.writeHead(200, headers);
      res.end(content);
    });
  });
}

function notFound(res) {
  res.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 9 });
  res.end('Not Found');
}

await serve(() => listen(createServer(handle)));

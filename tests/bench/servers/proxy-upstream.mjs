// What all proxies pass requests on to: 1 KB of text.

import { createServer } from 'node:http';
import { listen, serve } from '../serve.mjs';

const body = Buffer.alloc(1024, 'x');

function handle(request, response) {
  request.resume();
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
}

await serve(() => listen(createServer({ keepAliveTimeout: 65_000 }, handle)));

// A script by spawn() alone: its input and output piped, its head taken apart, and nothing else looked after.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
// What a process has in memory is most of what it costs to fork it, so that Obol is loaded here, too.
import '../../../dist/index.js';
import '../../../dist/features/cgi/index.js';
import { listen, serve } from '../serve.mjs';

const [, , script] = process.argv;

function handle(request, response) {
  const { method, url, headers } = request;
  const environment = {
    PATH: process.env.PATH,
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: method,
    REQUEST_URI: url,
    CONTENT_LENGTH: headers['content-length'] ?? '',
  };
  const child = spawn(script, [], { env: environment });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  child.stderr.resume();
  let head = '';
  const readHead = (chunk) => {
    head += chunk.latin1Slice();
    const end = head.indexOf('\n\n');
    if (end < 0) return;
    child.stdout.off('data', readHead);
    const fields = head.slice(0, end).split('\n');
    for (const field of fields) response.setHeader(...field.split(': '));
    response.write(Buffer.from(head.slice(end + 2), 'latin1'));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', readHead);
}

await serve(() => listen(createServer(handle)));

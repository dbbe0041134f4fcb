// Bare node:http with schemas called by hand.

import { createServer } from 'node:http';
import { type } from 'arktype';
import { listen, serve } from '../serve.mjs';
import { arkPeople, zodPeople } from '../contract-schemas.mjs';

const handlers = {
  '/zod': (document) => {
    const { success, data } = zodPeople.safeParse(document);
    return success ? { people: data.people.length } : undefined;
  },
  '/compiled': (document) => {
    const valid = arkPeople(document);
    return valid instanceof type.errors ? undefined : { people: valid.people.length };
  },
  '/compiled-echo': (document) => {
    const valid = arkPeople(document);
    return valid instanceof type.errors ? undefined : valid;
  },
};

function handle(req, res) {
  const handler = Object.hasOwn(handlers, req.url) && req.method === 'POST' ? handlers[req.url] : undefined;
  if (!handler) return send(res, 404, 'text/plain; charset=utf-8', 'Not Found');
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const value = handler(JSON.parse(Buffer.concat(chunks).toString()));
    if (value === undefined) send(res, 422, 'text/plain; charset=utf-8', 'It does not fit');
    else send(res, 200, 'application/json', JSON.stringify(value));
  });
}

function send(res, status, type, body) {
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

await serve(() => listen(createServer(handle)));

// Bare node:http, routed by hand: the yardstick of the bench.

import { createServer } from 'node:http';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const resources = new Map(Array.from({ length: defaultResources }, (_, n) => [`r${n}`, []]));

function handle(req, res) {
  const { method, url } = req;
  if (method === 'GET' && url === '/text') return send(res, 200, 'text/plain; charset=utf-8', greeting);
  if (method === 'GET' && url === '/json') return sendJson(res, smallObject);
  if (method === 'POST' && url === '/echo') return readText(req, (text) => sendJson(res, JSON.parse(text)));
  if (method === 'GET') return showResource(res, url.split('/'));
  notFound(res);
}

function showResource(res, [, resource, name, id]) {
  const list = resources.get(resource);
  if (!list) return notFound(res);
  if (name === 'list' && id === undefined) return sendJson(res, list);

  const number = Number(id);
  if (!Number.isInteger(number)) return notFound(res);
  sendJson(res, { name, id: number });
}

function readText(req, done) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => done(Buffer.concat(chunks).toString()));
}

function sendJson(res, value) {
  send(res, 200, 'application/json', JSON.stringify(value));
}

function notFound(res) {
  send(res, 404, 'text/plain; charset=utf-8', 'Not Found');
}

function send(res, status, type, body) {
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

await serve(() => listen(createServer(handle)));

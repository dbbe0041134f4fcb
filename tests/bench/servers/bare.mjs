// Bare node:http, routed by hand: the yardstick of the bench.

import { randomUUID } from 'node:crypto';
import { createWriteStream, unlink } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import busboy from 'busboy';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject, uploadLimits } from '../workloads.mjs';

const resources = new Map(Array.from({ length: defaultResources }, (_, n) => [`r${n}`, []]));
const forms = {
  '/form': countFormFields,
  '/multipart-fields': countMultipartFields,
  '/upload': countBytes,
  '/upload-disk': store,
};

function handle(req, res) {
  const { method, url } = req;
  if (method === 'GET' && url === '/text') return send(res, 200, 'text/plain; charset=utf-8', greeting);
  if (method === 'GET' && url === '/json') return sendJson(res, smallObject);
  if (method === 'POST' && url === '/echo') return readText(req, (text) => sendJson(res, JSON.parse(text)));
  if (method === 'POST' && Object.hasOwn(forms, url)) return forms[url](req, res);
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

function countFormFields(req, res) {
  readText(req, (text) => sendJson(res, { fields: new URLSearchParams(text).size }));
}

function countMultipartFields(req, res) {
  const fields = new Map();
  const parser = busboy({ headers: req.headers });
  parser.on('field', (name, value) => fields.set(name, value));
  parser.on('close', () => sendJson(res, { fields: fields.size }));
  req.pipe(parser);
}

function countBytes(req, res) {
  let length = 0;
  const parser = busboy({ headers: req.headers, limits: uploadLimits });
  parser.on('file', (name, file) => {
    file.on('data', (chunk) => (length += chunk.length));
  });
  parser.on('close', () => sendJson(res, { length }));
  req.pipe(parser);
}

function store(req, res) {
  const path = join(tmpdir(), randomUUID());
  const parser = busboy({ headers: req.headers, limits: uploadLimits });
  parser.on('file', (name, file) => {
    const stored = file.pipe(createWriteStream(path));
    stored.on('close', () => {
      sendJson(res, { length: stored.bytesWritten });
      unlink(path, () => {});
    });
  });
  req.pipe(parser);
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

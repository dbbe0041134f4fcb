// http-auth on node:http: it knows MD5 only, and takes the counts of a nonce in order.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import auth from 'http-auth';
import { listen, serve } from '../serve.mjs';
import { digestUser, plainText } from '../workloads.mjs';

const { realm, name, password } = digestUser;
const keys = new Map([[name, createHash('md5').update(`${name}:${realm}:${password}`).digest('hex')]]);
const digest = auth.digest({ realm }, (user, done) => done(keys.get(user)));

const show = digest.check((req, res) => send(res, 200, req.user));

function handle(req, res) {
  if (req.url === '/private') return show(req, res);
  send(res, 404, 'Not Found');
}

function send(res, status, body) {
  res.writeHead(status, { 'Content-Type': plainText, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

await serve(() => listen(createServer(handle)));

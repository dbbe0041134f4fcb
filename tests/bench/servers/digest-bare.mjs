// Bare node:http with a digest check by hand, as little as RFC 7616 lets it be: it knows its nonces, takes each count
// once and in order, and tells the client nothing back.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { listen, serve } from '../serve.mjs';
import { digestUser, plainText } from '../workloads.mjs';

const { realm, name, password } = digestUser;
const hash = (text) => createHash('sha256').update(text).digest();
const hex = (text) => hash(text).toString('hex');
const keys = new Map([[name, hex(`${name}:${realm}:${password}`)]]);
const counts = new Map();

function handle(req, res) {
  if (req.url !== '/private') return send(res, 404, 'Not Found');
  const user = userOf(req);
  if (user !== undefined) return send(res, 200, user);
  const nonce = randomBytes(24).toString('base64url');
  counts.set(nonce, 0);
  const challenge = `Digest realm="${realm}", qop="auth", algorithm=SHA-256, nonce="${nonce}"`;
  send(res, 401, 'Unauthorized', { 'WWW-Authenticate': challenge });
}

function userOf({ method, url, headers }) {
  const parameters = parametersOf(headers.authorization);
  if (!parameters) return undefined;
  const { username, nonce, nc, cnonce, response } = parameters;
  const key = keys.get(username);
  const isMeant =
    parameters.realm === realm &&
    parameters.uri === url &&
    parameters.qop === 'auth' &&
    parameters.algorithm === 'SHA-256';
  if (!isMeant || key === undefined || !/^[\da-f]{64}$/.test(response)) return undefined;
  const expected = hash(`${key}:${nonce}:${nc}:${cnonce}:auth:${hex(`${method}:${url}`)}`);
  if (!timingSafeEqual(expected, Buffer.from(response, 'hex'))) return undefined;
  const count = parseInt(nc, 16);
  // A nonce that is not ours has no count, and nothing is greater than that.
  if (!(count > counts.get(nonce))) return undefined;
  counts.set(nonce, count);
  return username;
}

function parametersOf(header = '') {
  if (!header.startsWith('Digest ')) return undefined;
  const found = header.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^",\s]+))/g);
  return Object.fromEntries(Array.from(found, ([, parameter, text, token]) => [parameter, text ?? token]));
}

function send(res, status, body, headers) {
  res.writeHead(status, { 'Content-Type': plainText, 'Content-Length': Buffer.byteLength(body), ...headers });
  res.end(body);
}

await serve(() => listen(createServer(handle)));

// Bare node:http with sealed sessions by hand: AES-256-GCM under a key for each process, derived by HKDF, and a nonce for
// each cookie.

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { listen, serve } from '../serve.mjs';
import { greeting, jsonType, plainText, userName } from '../workloads.mjs';

const secret = createSecretKey(randomBytes(32));
const saltBytes = 24;
const nonceBytes = 12;
const tagBytes = 16;
const lifetime = 24 * 60 * 60 * 1000;
const salt = randomBytes(saltBytes);
const key = keyOf(salt);

function handle(req, res) {
  switch (req.url) {
    case '/text':
      return send(res, plainText, greeting);
    case '/login':
      return send(res, plainText, userName, { user: userName, visits: 0 });
    case '/user':
      return send(res, plainText, sessionOf(req)?.user ?? 'nobody');
    case '/visits':
      return count(res, sessionOf(req) ?? { visits: 0 });
    default:
      res.writeHead(404, { 'Content-Type': plainText, 'Content-Length': 9 });
      res.end('Not Found');
  }
}

function count(res, { visits, ...rest }) {
  send(res, jsonType, JSON.stringify({ visits: visits + 1 }), { ...rest, visits: visits + 1 });
}

function send(res, type, body, session) {
  const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
  if (session) headers['Set-Cookie'] = `SESSID=${sealed(session)}; Path=/; HttpOnly; SameSite=Lax`;
  res.writeHead(200, headers);
  res.end(body);
}

function sessionOf({ headers }) {
  const [, value] = /(?:^|; )SESSID=([\w-]{70,})(?:;|$)/.exec(headers.cookie) ?? [];
  return value && unsealed(Buffer.from(value, 'base64url'));
}

function sealed(session) {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const content = JSON.stringify({ ...session, expires: Date.now() + lifetime });
  const parts = [cipher.update(content, 'utf8'), cipher.final()];
  return Buffer.concat([salt, nonce, ...parts, cipher.getAuthTag()]).toString('base64url');
}

function unsealed(bytes) {
  const isOwn = bytes.subarray(0, saltBytes).equals(salt);
  const nonce = bytes.subarray(saltBytes, saltBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', isOwn ? key : keyOf(bytes.subarray(0, saltBytes)), nonce);
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const content =
      decipher.update(bytes.subarray(saltBytes + nonceBytes, -tagBytes), undefined, 'utf8') +
      decipher.final('utf8');
    const { expires, ...session } = JSON.parse(content);
    return expires > Date.now() ? session : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(bytes) {
  return Buffer.from(hkdfSync('sha256', secret, bytes, 'bench session', 32));
}

await serve(() => listen(createServer(handle)));

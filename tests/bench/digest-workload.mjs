// Digest authentication: a client that proves, anew for each request, that it knows the password (RFC 7616).

import { createHash, randomBytes } from 'node:crypto';
import { exchange, refuseWrongAnswer } from './check.mjs';
import { requestBytes } from './load.mjs';
import { digestUser, plainText } from './workloads.mjs';

export const digestWorkloadNames = ['digest'];

const { realm, name, password } = digestUser;
const page = { method: 'GET', path: '/private', type: plainText, answer: name };
const hashes = { MD5: 'md5', 'SHA-256': 'sha256' };

/** Throws unless the page is there for who knows the password, once for each count, and for nobody else. */
async function checkDigest(server) {
  const client = await newClient(server);
  const right = client.request();
  const wrong = { ...right, headers: { Authorization: client.authorization(`${password}!`) } };
  refuseWrongAnswer(right, await exchange(server.port, right));
  for (const request of [page, wrong, right]) {
    const { status } = await exchange(server.port, request);
    if (status !== 401) throw new Error(`${request.path} got ${status} instead of 401`);
  }
}

/** Tries the server; gives a request with right credentials. */
export async function digestRequest(server) {
  await checkDigest(server);
  return (await newClient(server)).request();
}

/** A load in which each connection has a nonce of its own, counted up, as some servers refuse counts out of order. */
export async function digestLoad(server, connections) {
  const clients = await Promise.all(Array.from({ length: connections }, () => newClient(server)));
  return (index) => requestBytes(clients[index].request());
}

/** Asks without credentials, and answers the challenge from then on. */
async function newClient(server) {
  const { status, headers } = await exchange(server.port, page);
  const challenge = headers['www-authenticate'] ?? '';
  if (status !== 401 || !challenge.startsWith('Digest '))
    throw new Error(`No challenge: ${status} ${challenge}`);
  const [nonce, algorithm = 'MD5'] = ['nonce', 'algorithm'].map(
    (parameter) => new RegExp(`\\b${parameter}="?([^",]+)`).exec(challenge)?.[1],
  );
  return clientOf(nonce, algorithm);
}

function clientOf(nonce, algorithm) {
  const hash = (text) => createHash(hashes[algorithm]).update(text).digest('hex');
  const cnonce = randomBytes(12).toString('hex');
  const right = hash(`${name}:${realm}:${password}`);
  const target = hash(`${page.method}:${page.path}`);
  let count = 0;
  const authorization = (secret) => {
    const nc = (++count).toString(16).padStart(8, '0');
    const key = secret === undefined ? right : hash(`${name}:${realm}:${secret}`);
    const response = hash(`${key}:${nonce}:${nc}:${cnonce}:auth:${target}`);
    return (
      `Digest username="${name}", realm="${realm}", nonce="${nonce}", uri="${page.path}", ` +
      `algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
    );
  };
  return { authorization, request: () => ({ ...page, headers: { Authorization: authorization() } }) };
}

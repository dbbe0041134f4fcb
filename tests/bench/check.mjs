// Checks the answers of a server, and tells in which headers they differ from those of bare node:http.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { refusedRequest } from './workloads.mjs';

/** Throws at the first wrong answer; resolves to the list of header differences. */
export async function checkAnswers(server, requests) {
  const differences = new Set();
  for (const request of requests) {
    const response = await exchange(server.port, request);
    refuseWrongAnswer(request, response);
    headerDifferences(request, response.headers).forEach((difference) => differences.add(difference));
  }
  return [...differences];
}

/** Throws unless the server answers 404 where a parameter is no integer. */
export async function checkRefusal(server) {
  const { status } = await exchange(server.port, refusedRequest);
  if (status !== 404) throw new Error(`${refusedRequest.path} got ${status} instead of 404`);
}

/** Sends a request over a connection of its own; resolves to the whole answer, whatever it is. */
export async function exchange(port, { method, path, type, bodyType = type, body, headers }) {
  const bodyHeaders = body && { 'content-type': bodyType, 'content-length': Buffer.byteLength(body) };
  const sent = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { ...headers, ...bodyHeaders },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

/** Throws unless the answer to a request is the one that it must get. */
export function refuseWrongAnswer({ method, path, type, answer, modified }, { status, headers, body }) {
  const isRight = status === 200 && mediaType(headers['content-type']) === mediaType(type);
  if (!isRight || !body.equals(Buffer.from(answer))) {
    const shown = JSON.stringify(body.toString('latin1', 0, 200));
    throw new Error(`${method} ${path} got ${status} ${headers['content-type']}: ${shown}`);
  }
  if (modified !== undefined) refuseWrongFileHeaders(path, modified, headers);
}

/** A file comes with its length, with the second of its last modification and with an ETag, whichever that is. */
function refuseWrongFileHeaders(path, modified, { etag = '', ...headers }) {
  const isRight = /^(?:W\/)?"[^"]+"$/.test(etag) && headers['last-modified'] === modified;
  if (isRight && 'content-length' in headers) return;
  throw new Error(`${path} got the headers ${JSON.stringify({ etag, ...headers })}`);
}

function mediaType(contentType = '') {
  return contentType.split(';', 1)[0].trim().toLowerCase();
}

function headerDifferences({ type, answer, modified, setsCookie }, { date, etag, ...headers }) {
  if (setsCookie) delete headers['set-cookie'];
  const expected = {
    'content-type': type,
    'content-length': `${Buffer.byteLength(answer)}`,
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
    ...(modified && { 'last-modified': modified }),
  };
  const missing = Object.keys(expected).filter((name) => !(name in headers));
  const different = Object.keys(headers).filter((name) => headers[name] !== expected[name]);
  return [
    ...(date ? [] : ['no date']),
    ...(etag && !modified ? [`etag: ${etag}`] : []),
    ...missing.map((name) => `no ${name}`),
    ...different.map((name) => `${name}: ${headers[name]}`),
  ];
}

// Checks the answers of a server, and tells in which headers they differ from those of bare node:http.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
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

async function exchange(port, { method, path, type, bodyType = type, body }) {
  const headers = body ? { 'content-type': bodyType, 'content-length': Buffer.byteLength(body) } : {};
  const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers }).end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

function refuseWrongAnswer({ method, path, type, answer }, { status, headers, body }) {
  const right = status === 200 && body === answer && mediaType(headers['content-type']) === mediaType(type);
  if (right) return;
  throw new Error(`${method} ${path} got ${status} ${headers['content-type']}: ${body}`);
}

function mediaType(contentType = '') {
  return contentType.split(';', 1)[0].trim().toLowerCase();
}

function headerDifferences({ type, answer }, { date, ...headers }) {
  const expected = {
    'content-type': type,
    'content-length': `${Buffer.byteLength(answer)}`,
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
  };
  const missing = Object.keys(expected).filter((name) => !(name in headers));
  const different = Object.keys(headers).filter((name) => headers[name] !== expected[name]);
  return [
    ...(date ? [] : ['no date']),
    ...missing.map((name) => `no ${name}`),
    ...different.map((name) => `${name}: ${headers[name]}`),
  ];
}

// The forms and uploads: their requests with the answers they must get. Apart from `workloads.mjs`, which the
// servers load too, so that no server holds the bodies in its memory.

import { createHash } from 'node:crypto';

/** Bytes of the file in `upload` and `upload-disk`. */
export const fileSize = 10 * 1024 * 1024;

const json = 'application/json';
const boundary = '----bench-form-7MA4YWxkTrZu0gW';
const multipart = `multipart/form-data; boundary=${boundary}`;
const fields = Array.from({ length: 50 }, (_, index) => [`field-${index}`, `smith & ${index} söns`]);

/** What a multipart body with one file begins and ends with, and its type. */
export const fileEnvelope = {
  type: multipart,
  begin: Buffer.from(
    `${partHead('file', '; filename="data.bin"')}Content-Type: application/octet-stream\r\n\r\n`,
  ),
  end: Buffer.from(`\r\n--${boundary}--\r\n`),
};

export const formWorkloads = {
  form: { requests: [formRequest()] },
  'multipart-fields': { requests: [fieldsRequest()], worth: 4 },
  upload: { requests: [uploadRequest('/upload')], worth: 400, connections: 4 },
  'upload-disk': { requests: [uploadRequest('/upload-disk')], worth: 400, connections: 4 },
};

/** What a server answers to a file of this many bytes. */
export function lengthAnswer(length) {
  return JSON.stringify({ length });
}

function formRequest() {
  const body = new URLSearchParams(fields).toString();
  return {
    method: 'POST',
    path: '/form',
    type: json,
    bodyType: 'application/x-www-form-urlencoded',
    body,
    answer: countAnswer(),
  };
}

function fieldsRequest() {
  const parts = fields.map(([name, value]) => `${partHead(name)}\r\n${value}\r\n`);
  const body = `${parts.join('')}--${boundary}--\r\n`;
  return {
    method: 'POST',
    path: '/multipart-fields',
    type: json,
    bodyType: multipart,
    body,
    answer: countAnswer(),
  };
}

function uploadRequest(path) {
  const { begin, end } = fileEnvelope;
  return {
    method: 'POST',
    path,
    type: json,
    bodyType: multipart,
    body: Buffer.concat([begin, contentOf(fileSize), end]),
    answer: lengthAnswer(fileSize),
  };
}

function countAnswer() {
  return JSON.stringify({ fields: fields.length });
}

function partHead(name, more = '') {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n`;
}

/** Bytes that look random and are the same in every run. */
export function contentOf(size) {
  const block = createHash('shake256', { outputLength: 65_537 }).update('bench').digest();
  return Buffer.alloc(size, block);
}

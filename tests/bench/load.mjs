// The load generator: keep-alive connections over raw sockets, each with one request under way at a time.

import { once } from 'node:events';
import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const nothing = Buffer.alloc(0);

/** The bytes of a request, as `workloads.mjs` describes it. */
export function requestBytes({ method, path, type, bodyType = type, body, headers = {} }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}`;
  if (body === undefined) return Buffer.from(`${head}\r\n`);
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`${head}Content-Type: ${bodyType}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

/** Opens keep-alive connections to a port of the loopback interface. */
export async function openConnections(port, count) {
  const connections = Array.from({ length: count }, () => new Connection(port));
  await Promise.all(connections.map((connection) => connection.opened));
  return connections;
}

/** A load that sends the requests of a list in turn, whichever the connection is. */
export function inTurn(requests) {
  let sent = 0;
  return () => requests[sent++ % requests.length];
}

/** Sends `count` requests; the load gives those of each connection, by its number. Resolves after the last answer. */
export async function sendRequests(connections, load, count) {
  let sent = 0;
  const nextOf = (index) => () => (sent++ < count ? load(index) : undefined);
  await Promise.all(connections.map((connection, index) => connection.send(nextOf(index))));
}

class Connection {
  #socket;
  #received = nothing;
  /** Bytes of a long answer that are still to come; they are counted and not kept. */
  #toCome = 0;
  #next;
  #done;
  #failed;

  constructor(port) {
    const buffer = Buffer.allocUnsafe(65_536);
    const callback = (size) => this.#receive(buffer.subarray(0, size));
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    this.opened = once(this.#socket, 'connect');
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('close', () => this.#failed?.(new Error('The server closed a connection')));
  }

  /** Sends what `next` gives, one after the other, until it gives nothing. */
  send(next) {
    return new Promise((resolve, reject) => {
      this.#next = next;
      this.#done = resolve;
      this.#failed = reject;
      this.#sendNext();
    });
  }

  close() {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #sendNext() {
    const request = this.#next();
    if (request) this.#socket.write(request);
    else this.#done();
  }

  #receive(chunk) {
    if (this.#toCome > 0) {
      this.#toCome -= chunk.length;
      if (this.#toCome <= 0) this.#sendNext();
      return;
    }
    const data = this.#received.length > 0 ? Buffer.concat([this.#received, chunk]) : chunk;
    const length = responseLength(data);
    if (length === Infinity) {
      this.#received = Buffer.from(data);
      return;
    }
    this.#received = nothing;
    if (!isOk(data)) this.#socket.destroy(new Error(`Unexpected answer: ${data}`));
    else if (length > data.length) this.#toCome = length - data.length;
    else this.#sendNext();
  }
}

function isOk(response) {
  return response.latin1Slice(9, 12) === '200';
}

/** The length of the response that the data begins with; Infinity as long as that is unknown. */
export function responseLength(data) {
  const end = data.indexOf(headEnd);
  if (end === -1) return Infinity;

  const head = data.latin1Slice(0, end);
  const bodyStart = end + headEnd.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length) return bodyStart + Number(length[1]);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedEnd(data, bodyStart);
  throw new Error(`Neither Content-Length nor chunked: ${head}`);
}

function chunkedEnd(data, bodyStart) {
  let position = bodyStart;
  for (;;) {
    const sizeEnd = data.indexOf(lineEnd, position);
    if (sizeEnd === -1) return Infinity;
    const size = parseInt(data.latin1Slice(position, sizeEnd), 16);
    position = sizeEnd + lineEnd.length + size + lineEnd.length;
    if (size === 0) return position;
  }
}

/** A client that sends bytes as they are and takes responses apart itself: for what no well-behaved client would do. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** One response as it came. */
export interface RawResponse {
  readonly status: number;
  readonly statusLine: string;
  /** Names in lower case with every value, in order. */
  readonly fields: readonly (readonly [string, string])[];
  /** The bytes of the head, the blank line included. */
  readonly head: Buffer;
  /** The content, chunks put together. */
  readonly body: Buffer;
  /** The same as UTF-8, decoded each time it is asked for. */
  readonly text: string;
  /** Whether the content ended as the head announced it. */
  readonly complete: boolean;
  header(name: string): string | undefined;
}

/** Where the content of a response ends. */
interface Content {
  /** Put together when it is asked for: of what is not complete yet, nobody does. */
  readonly body: () => Buffer;
  readonly end: number;
  readonly complete: boolean;
}

/** Bytes as they come, with room for more, so that none is copied once for every piece after it. */
class Received {
  #store = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  /** What came and was not taken. What was handed out stays as it is: nothing is ever written over. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  append(bytes: Buffer): void {
    if (this.#end + bytes.length > this.#store.length) {
      const before = this.bytes;
      this.#store = Buffer.allocUnsafeSlow(2 * (before.length + bytes.length));
      before.copy(this.#store);
      [this.#start, this.#end] = [0, before.length];
    }
    this.#end += bytes.copy(this.#store, this.#end);
  }

  take(length: number): void {
    this.#start += length;
  }
}

/** One connection. */
export class RawClient {
  /** Resolves when the server has ended or cut the connection. */
  readonly closed: Promise<void>;
  readonly socket: Socket;
  readonly #received = new Received();
  #ended = false;
  #wake: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true;
        this.#wakeAll();
        resolve();
      };
      socket.on('end', end).on('close', end);
    });
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.#received.append(bytes);
      this.#wakeAll();
    });
  }

  /** Connects. With `allowHalfOpen` the client does not close when the server does. */
  static connect(target: number | NetConnectOpts): Promise<RawClient> {
    const options = typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target;
    return new Promise((resolve, reject) => {
      const socket = connect(options, () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
      socket.once('error', reject);
    });
  }

  /** Bytes that were received and belong to no response yet. */
  get pending(): string {
    return this.#received.bytes.toString('latin1');
  }

  /** Whether the server has ended or cut the connection. */
  get isClosed(): boolean {
    return this.#ended;
  }

  /** Sends bytes; text as Latin-1, so that every character is one byte. */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Sends a request with Host and nothing else that is not given. */
  request(line: string, fields: readonly string[] = [], body = ''): this {
    return this.send([`${line} HTTP/1.1`, 'Host: localhost', ...fields, '', body].join('\r\n'));
  }

  /**
   * The next response, interim ones (1xx) included.
   * @param method of the request it answers: a response to HEAD has no content
   * @throws Error when the connection closes before its head is complete
   */
  async response(method = 'GET'): Promise<RawResponse> {
    for (;;) {
      const parsed = parseResponse(this.#received.bytes, method, this.#ended);
      if (parsed) {
        this.#received.take(parsed.end);
        return parsed.response;
      }
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.pending.slice(0, 200))}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Waits until something that was received satisfies the test. */
  async until(test: (received: string) => boolean): Promise<void> {
    while (!test(this.pending)) {
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.pending.slice(0, 200))}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** Sends a request on a connection of its own, with no other fields than Host and those given. */
export async function askOnce(
  port: number,
  line = 'GET /',
  fields: readonly string[] = [],
  body = '',
): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    return await client.request(line, fields, body).response(line.split(' ')[0]);
  } finally {
    client.destroy();
  }
}

/** Sends bytes on a connection of its own, takes one response and waits until the server closes. */
export async function sendAndClose(port: number, bytes: string | Uint8Array): Promise<RawResponse> {
  const client = await RawClient.connect(port);
  try {
    client.send(bytes);
    const response = await client.response();
    await client.closed;
    return response;
  } finally {
    client.destroy();
  }
}

function parseResponse(
  bytes: Buffer,
  method: string,
  ended: boolean,
): { response: RawResponse; end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
  const status = Number(statusLine.split(' ')[1]);
  const start = headEnd + 4;
  const hasContent = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
  const content = hasContent
    ? readContent(bytes, start, header)
    : { body: () => NOTHING, end: start, complete: true };
  if (!content.complete && !ended) return undefined;
  const head = bytes.subarray(0, start);
  const { complete, end } = content;
  const body = content.body();
  const response = {
    ...{ status, statusLine, fields, head, header, body, complete },
    get text(): string {
      return body.toString();
    },
  };
  return { response, end };
}

const NOTHING = Buffer.alloc(0);

function readContent(bytes: Buffer, start: number, header: (name: string) => string | undefined): Content {
  if (header('transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const length = header('content-length');
  if (length === undefined) return { body: () => bytes.subarray(start), end: bytes.length, complete: false };
  const end = start + Number(length);
  return {
    body: () => bytes.subarray(start, end),
    end: Math.min(end, bytes.length),
    complete: bytes.length >= end,
  };
}

function readChunks(bytes: Buffer, start: number): Content {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (lineEnd < 0 || next > bytes.length)
      return { body: () => Buffer.concat(chunks), end: bytes.length, complete: false };
    if (size === 0) return { body: () => Buffer.concat(chunks), end: next, complete: true };
    chunks.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}

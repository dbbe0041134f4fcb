/** What a test sees of a response: what the wire would have carried. */
import type { Headers } from '../../message/headers.js';
import { toBytes, type Chunk } from '../../message/response.js';

/** A response in a test. Its body can be read once, whole or as it comes. */
export class TestResponse {
  readonly status: number;
  /** As sent, with defaults and Content-Length; Date and connection headers are the server's own. */
  readonly headers: Headers;
  readonly #body: AsyncIterable<Uint8Array>;

  constructor(status: number, headers: Headers, body: AsyncIterable<Uint8Array>) {
    this.status = status;
    this.headers = headers;
    this.#body = body;
  }

  /** Whether the status is one of success. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body piece by piece; throws where a server would cut the connection. */
  get body(): AsyncIterable<Uint8Array> {
    return this.#body;
  }

  async bytes(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async text(): Promise<string> {
    return (await this.bytes()).toString();
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text()) as T;
  }
}

/** Bytes of a stream, checked as the server checks them. */
export async function* streamedBytes(
  stream: Iterable<Chunk> | AsyncIterable<Chunk>,
  length: number | undefined,
  done: () => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  try {
    for await (const chunk of stream) {
      const bytes = toBytes(chunk);
      sent += bytes.byteLength;
      if (length !== undefined && sent > length) break;
      yield bytes;
    }
    if (length !== undefined && sent !== length)
      throw new Error('The connection was cut: wrong Content-Length');
  } finally {
    done();
  }
}

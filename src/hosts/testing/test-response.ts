/** What a test sees of a response: what the wire would have carried. */
import type { Duplex } from 'node:stream';
import { toBytes, type Headers } from '../../kit.js';
import { discardStream, unlessGone } from '../../message/chunks.js';
import type { Chunk, ChunkStream } from '../../message/response.js';
import { readPage, type Page as PageOf } from './page.js';
import type { Browsing, PageForm as FormOf } from './page-form.js';

/** A page that came with a response. */
export type Page = PageOf<TestResponse>;

/** A form of such a page. */
export type PageForm = FormOf<TestResponse>;

/** What a response is made of. */
export interface ResponseParts {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
  readonly isStream: boolean;
  /** The client's end of a connection that was taken over. */
  readonly socket?: Duplex | undefined;
  readonly url: URL;
  /** How the client goes on from its page. */
  readonly visit: Browsing<TestResponse>['visit'];
  /** Asks for what it redirects to; undefined where it does not, or elsewhere. */
  readonly follow: (response: TestResponse) => Promise<TestResponse> | undefined;
}

/** A response in a test. Its body is read as a whole, or once as it comes. */
export class TestResponse {
  readonly status: number;
  /** As sent, with defaults and Content-Length; Date and connection headers are the server's own. */
  readonly headers: Headers;
  readonly #parts: ResponseParts;
  #bytes: Promise<Buffer> | undefined;

  /** For test clients. */
  constructor(parts: ResponseParts) {
    this.status = parts.status;
    this.headers = parts.headers;
    this.#parts = parts;
  }

  /** Whether the body comes piece by piece. */
  get isStream(): boolean {
    return this.#parts.isStream;
  }

  /** Whether the status is one of success. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The whole URL it came from, after redirects that were followed. */
  get url(): string {
    return this.#parts.url.href;
  }

  /** The body piece by piece; throws where a server would cut the connection. */
  get body(): AsyncIterable<Uint8Array> {
    return this.#parts.body;
  }

  /** The whole body; unlike `body` it may be asked for again. */
  bytes(): Promise<Buffer> {
    return (this.#bytes ??= wholeOf(this.#parts.body));
  }

  async text(): Promise<string> {
    return (await this.bytes()).toString();
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text()) as T;
  }

  /**
   * The body as a page, with its links and forms.
   * @throws ObolError E_PACKAGE, as a rejection, when parse5 is not installed
   */
  async page(): Promise<Page> {
    return readPage(await this.text(), this.#parts);
  }

  /** Asks for what it redirects to. @throws Error, as a rejection, when it redirects nowhere, or to another host */
  async follow(): Promise<TestResponse> {
    const following = this.#parts.follow(this);
    if (following) return following;
    const location = this.headers.get('location');
    const where = location === undefined ? 'nowhere' : `to ${location}, which is another host`;
    throw new Error(`The response with ${String(this.status)} redirects ${where}.`);
  }
}

async function wholeOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What is known of a body, and what happens when it ends. */
interface StreamOptions {
  /** Bytes. */
  readonly length: number | undefined;
  /** Ends it when the client leaves. */
  readonly signal: AbortSignal | undefined;
  readonly done: () => void;
}

/** Bytes of a stream, checked as the server checks them. */
export async function* streamedBytes(
  stream: ChunkStream,
  { length, signal, done }: StreamOptions,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  try {
    for await (const chunk of signal ? untilLeft(stream, signal) : stream) {
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

/** The chunks of a stream until the client leaves, even where it waits for one. @throws the reason of the signal */
async function* untilLeft(stream: ChunkStream, signal: AbortSignal): AsyncGenerator<Chunk> {
  const iterator =
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      const step = await unlessGone(Promise.resolve(iterator.next()), signal);
      signal.throwIfAborted();
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    const isItsOwn = (iterator as unknown) === stream;
    void Promise.allSettled([isItsOwn ? undefined : iterator.return?.(), discardStream(stream)]);
  }
}

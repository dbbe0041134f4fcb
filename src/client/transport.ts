/** How requests of a client reach what answers them: all ways are one, that of `fetch`. */
import type { HandlerLike } from '../message/handler-like.js';
import { mistake } from './mistake.js';
import type { Content } from './input.js';
import type { WebResponse } from './types.js';

/** One request. */
export interface SentInit {
  readonly method: string;
  /** By name in lower case. */
  readonly headers: Record<string, string>;
  /** Default none. */
  readonly body?: NonNullable<Content['body']>;
  /** Default none. */
  readonly signal?: AbortSignal;
  /** What `fetch` wants of a body that is a stream. Default none. */
  readonly duplex?: 'half';
}

/** Sends a request, as `fetch` does. */
export type Fetch = (url: string, init: SentInit) => Promise<WebResponse>;

/** As much of a `TestClient` as is asked of it. */
export interface TestClientLike {
  request(target: string, init: TestInit): Promise<TestAnswer>;
}

type TestInit = Omit<SentInit, 'duplex'> & {
  /** Default none. */
  readonly cookies?: Readonly<Record<string, string>>;
};

interface TestAnswer {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Where requests go: a URL, relative to the page in a browser; a handler such as an application, in process; a test client. */
export type ClientBase = string | URL | HandlerLike | TestClientLike;

/** The way to what a client was given. @param fetch of an author, in place of the platform's */
export function transportTo(base: ClientBase, fetch?: Fetch): Fetch {
  if (typeof base === 'string' || base instanceof URL) return fetchBelow(textOf(base), fetch);
  if (!isBase(base))
    throw mistake(
      'E_SETTING',
      `client(): ${String(base)} is nothing that answers; give a URL, an application that is there (await bootstrap(...)), a handler or a TestClient.`,
    );
  if ('request' in base) return fetchThrough(base);
  const inProcess = once(async () => fetchThrough((await import('./in-process.js')).testClientOf(base)));
  return async (url, init) => (await inProcess())(url, init);
}

function isBase(value: unknown): value is HandlerLike | TestClientLike {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && ('request' in value || 'handle' in value);
}

/** What a function gives, which is called when it is first asked for. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function fetchBelow(base: string, fetch?: Fetch): Fetch {
  if (fetch) return (url, init) => fetch(base + url, init);
  return (url, init) => {
    if (!('location' in globalThis) && !/^https?:\/\//i.test(base)) throw withoutOrigin(base);
    return globalThis.fetch(base + url, init);
  };
}

function withoutOrigin(base: string): TypeError {
  return mistake(
    'E_SETTING',
    `client(): the base ${JSON.stringify(base)} has no origin, which only pages have; give a URL such as "http://localhost:8080".`,
  );
}

function textOf(base: string | URL): string {
  const text = String(base);
  if (/[?#]/.test(text))
    throw mistake(
      'E_SETTING',
      `client(): the base "${text}" has a query or a fragment; give the part before it.`,
    );
  return text.replace(/\/+$/, '');
}

/** Statuses whose responses have no body (Fetch Standard, null body status). */
const BODILESS = [101, 103, 204, 205, 304];

function fetchThrough(client: TestClientLike): Fetch {
  return async (url, { method, headers: given, body, signal }) => {
    const { cookie, ...headers } = given;
    // As a header they would stand in place of those that the client keeps.
    const cookies =
      cookie === undefined ? {} : { cookies: Object.fromEntries(cookie.split(/; ?/).map(pairOf)) };
    const answer = await client.request(url, {
      method,
      headers,
      ...cookies,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    const { status } = answer;
    const content = BODILESS.includes(status) ? null : streamOf(answer.body);
    return new globalThis.Response(content, {
      status,
      headers: [...answer.headers].map(([...pair]) => pair),
    });
  };
}

function pairOf(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** A stream that asks for a chunk when one is read. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await iterator.next();
        if (step.done === true) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

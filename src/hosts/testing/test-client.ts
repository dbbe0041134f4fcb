/** `TestClient`: sends requests through a whole application without a socket. */
import { discardBody, sendsBody } from '../../answering/finalize.js';
import { checkedHeaders, Headers } from '../../message/headers.js';
import { handlerOf, type HandlerLike } from '../../message/handler-like.js';
import type { Handler } from '../../message/handler.js';
import { lastResort } from '../../answering/error-page.js';
import { HttpError } from '../../http/http-error.js';
import { represent } from '../../answering/represent.js';
import type { Request } from '../../message/request.js';
import { Declined } from '../../message/responses.js';
import { toBytes, type Response } from '../../message/response.js';
import { UpgradeResponse } from '../../message/upgrade-response.js';
import { CookieJar } from './cookie-jar.js';
import { buildRequest, type RequestInit } from './request.js';
import { streamedBytes, TestResponse } from './test-response.js';

export interface TestClientOptions {
  /** Follow redirects to this same host, at most 10; one that leads elsewhere is the answer. Default false. */
  readonly followRedirects?: boolean;
  /** Sent with every request unless it says otherwise. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request of a test. */
export interface TestRequestInit extends RequestInit {
  /** Default the client's own setting. */
  readonly followRedirects?: boolean;
}

const MAX_REDIRECTS = 10;

/** A client of one handler. It keeps cookies from one request to the next. */
export class TestClient {
  readonly cookies = new CookieJar();
  readonly #handle: Handler;
  readonly #options: TestClientOptions;

  constructor(handler: HandlerLike, options: TestClientOptions = {}) {
    this.#handle = handlerOf(handler);
    this.#options = options;
  }

  /**
   * Sends a request.
   * @throws Error when the application declines to answer, as a closed connection would be, or takes the connection over
   */
  async request(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    const follow = init.followRedirects ?? this.#options.followRedirects ?? false;
    let response = await this.#once(target, init);
    const origin = `http://${this.#headers(init).get('host') ?? 'localhost'}`;
    for (let hops = 0; follow && isRedirect(response); hops++) {
      const location = new URL(response.headers.get('location') ?? '', new URL(target, origin));
      if (location.host !== new URL(origin).host) break;
      if (hops === MAX_REDIRECTS)
        throw new Error(`More than ${String(MAX_REDIRECTS)} redirects, the last from ${target}`);
      target = location.pathname + location.search;
      init = afterRedirect(response.status, init);
      response = await this.#once(target, init);
    }
    return response;
  }

  get(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'GET' });
  }

  head(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'HEAD' });
  }

  post(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'POST' });
  }

  put(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'PUT' });
  }

  patch(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'PATCH' });
  }

  delete(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'DELETE' });
  }

  options(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    return this.request(target, { ...init, method: 'OPTIONS' });
  }

  async #once(target: string, init: TestRequestInit): Promise<TestResponse> {
    const headers = this.#headers(init);
    const cookies = { ...this.cookies.toObject(), ...init.cookies };
    const withCookies = Object.keys(cookies).length > 0 ? { cookies } : {};
    const request = buildRequest(target, { ...init, headers, ...withCookies });
    if (init.user !== undefined) request.user = init.user;
    const answer = await this.#answer(request);
    if (Declined.brand in answer) {
      request.close(rethrow);
      throw new Error(`The connection was closed without an answer to ${request.method} ${target}`);
    }
    if (UpgradeResponse.brand in answer)
      throw new Error(
        `${request.method} ${target} takes over its connection; test that on a server that listens`,
      );
    const view = answer.answeredBy?.root === request ? answer.answeredBy : request;
    const response = represent(view, answer);
    this.cookies.store(response.headers.getAll('set-cookie'));
    return this.#received(view, response);
  }

  /** An HTTP error that a plain handler lets escape is answered as a server would. */
  async #answer(request: Request): Promise<Response> {
    try {
      const answer = await this.#handle(request);
      return await (sendsBody(request, answer) ? answer.open(request) : answer);
    } catch (error) {
      if (error instanceof HttpError) return lastResort(error, request);
      throw error;
    }
  }

  /** The client's own headers, and over them those of the request. */
  #headers(init: TestRequestInit): Headers {
    const headers = new Headers(this.#options.headers);
    const own = new Headers(init.headers);
    for (const [name] of own) headers.delete(name);
    for (const [name, value] of own) headers.append(name, value);
    return headers;
  }

  async #received(request: Request, response: Response): Promise<TestResponse> {
    const headers = checkedHeaders(request.settings.finisher.fields(response));
    const close = (): void => {
      request.close(rethrow);
    };
    if (response.isStream && sendsBody(request, response)) {
      return new TestResponse(
        response.status,
        headers,
        streamedBytes(response.takeStream(), response.length, close),
      );
    }
    await discardBody(response);
    close();
    const body = sendsBody(request, response) ? (response.body as string | Uint8Array | null) : null;
    return new TestResponse(response.status, headers, streamedBytes([toBytes(body ?? '')], undefined, close));
  }
}

/** A test shall see what a callback for the end of a request throws. */
function rethrow(error: unknown): never {
  throw error;
}

function isRedirect(response: TestResponse): boolean {
  return [301, 302, 303, 307, 308].includes(response.status) && response.headers.has('location');
}

/** 303 goes on with GET, and so does a POST after 301 or 302, as browsers do; all others repeat (RFC 9110 15.4). */
function afterRedirect(status: number, init: TestRequestInit): TestRequestInit {
  const { body, json, ...rest } = init;
  const method = init.method ?? (body === undefined && json === undefined ? 'GET' : 'POST');
  const repeats = status === 303 ? method === 'HEAD' : method !== 'POST' || status > 303;
  if (repeats) return init;
  const headers = new Headers(init.headers);
  for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) headers.delete(name);
  return { ...rest, headers, method: 'GET' };
}

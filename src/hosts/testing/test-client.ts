/** `TestClient`: sends requests through a whole application without a socket. */
import { randomBytes } from 'node:crypto';
import { hostSettings } from '../../answering/default-settings.js';
import { checkOptions, Headers, handlerOf, type Handler } from '../../kit.js';
import type { HandlerLike } from '../../message/handler-like.js';
import type { HeadersInit } from '../../message/headers.js';
import type { Settings } from '../../message/settings.js';
import { answerTo } from './answer.js';
import { readContent } from './content.js';
import { CookieJar } from './cookie-jar.js';
import { assertStatus } from './expected-status.js';
import { buildRequest, onAbort, setCookies, setOver } from './request.js';
import { afterRedirect, cookieTargetOf, firstStep, originOf, visitFrom, type Step } from './step.js';
import {
  INIT_RULES,
  OPTION_RULES,
  WEB_SOCKET_RULES,
  type TestClientOptions,
  type TestRequestInit,
  type TestWebSocketInit,
} from './test-client-options.js';
import { TestResponse, type ResponseParts } from './test-response.js';
import { TestWebSocket } from './test-web-socket.js';

const MAX_REDIRECTS = 10;

/** A client of one handler. It keeps cookies from one request to the next. */
export class TestClient {
  readonly cookies: CookieJar;
  readonly #handle: Handler;
  readonly #settings: Settings;
  readonly #options: TestClientOptions;
  readonly #headers: Headers;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(handler: HandlerLike, options: TestClientOptions = {}) {
    checkOptions('TestClient', options, OPTION_RULES);
    this.#handle = handlerOf(handler);
    this.#settings = hostSettings(this.#handle);
    this.#options = options;
    this.#headers = new Headers(options.headers);
    this.cookies = new CookieJar(originOf(this.#headers, false).hostname);
  }

  /**
   * Sends a request. What a plain handler throws is thrown, unless it is an HTTP error, which is answered as `listen` does.
   * @throws Error when the application declines to answer, as a closed connection would be, or takes the connection over
   * @throws AssertionError for another status than the one expected
   * @throws ObolError E_SETTING for an option that is none, and for more than one body
   */
  async request(target: string, init: TestRequestInit = {}): Promise<TestResponse> {
    checkOptions('TestClient.request', init, INIT_RULES);
    init.signal?.throwIfAborted();
    const { https = this.#options.https ?? false } = init;
    const step = firstStep(target, { init, https, headers: this.#headersOf(init.headers) });
    return this.#send({ ...step, content: await readContent(init) });
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

  /**
   * Opens a WebSocket. Where that is refused, it is the response that says so: its status is another than 101.
   * @throws as `request()`
   */
  async webSocket(target: string, init: TestWebSocketInit = {}): Promise<TestWebSocket> {
    checkOptions('TestClient.webSocket', init, WEB_SOCKET_RULES);
    const { https = this.#options.https ?? false, protocols = [], expect = this.#options.expect } = init;
    init.signal?.throwIfAborted();
    const left = new AbortController();
    onAbort(init.signal, () => {
      left.abort(init.signal?.reason);
    });
    const headers = this.#headersOf(init.headers);
    for (const [name, value] of openingFields([protocols].flat()))
      if (!headers.has(name)) headers.set(name, value);
    const opening = { ...init, method: 'GET', signal: left.signal };
    const step = firstStep(target, { init: opening, https, headers });
    const parts = await this.#once(step, { opens: true });
    const socket = new TestWebSocket(parts);
    // The request lasts as long as its connection.
    parts.socket?.once('close', () => {
      left.abort();
    });
    await assertStatus(socket, expect, `The WebSocket ${target}`);
    return socket;
  }

  async #send(first: Step): Promise<TestResponse> {
    const { followRedirects = this.#options.followRedirects, expect = this.#options.expect } = first.init;
    let step = first;
    let response = new TestResponse(await this.#once(step));
    for (let hops = 0; followRedirects; hops++) {
      const next = afterRedirect(response, step);
      if (!next) break;
      if (hops === MAX_REDIRECTS)
        throw new Error(`More than ${String(MAX_REDIRECTS)} redirects, the last from ${step.target}`);
      step = next;
      response = new TestResponse(await this.#once(step));
    }
    await assertStatus(response, expect, `${first.method} ${first.target}`);
    return response;
  }

  async #once(step: Step, { opens = false } = {}): Promise<ResponseParts> {
    const { target, method, headers, https, content, init } = step;
    const place = cookieTargetOf(step);
    const { cookies = {}, signal } = init;
    const kept = this.cookies.sentTo(place).filter(([name]) => !Object.hasOwn(cookies, name));
    if (!headers.has('cookie')) setCookies(headers, [...kept, ...Object.entries(cookies)]);
    const sent = { ...init, method, headers, https, query: undefined, cookies: undefined };
    const request = buildRequest(target, sent, this.#settings, { content });
    const answer = await answerTo(this.#handle, request, { signal, opens });
    this.cookies.store(answer.headers.getAll('set-cookie'), place);
    return {
      ...answer,
      url: step.url,
      visit: (url, sending) => this.#send(visitFrom(step, url, { ...sending, defaults: this.#headers })),
      follow: (response) => {
        const next = afterRedirect(response, step);
        return next && this.#send(next);
      },
    };
  }

  /** The client's own headers, and over them those of the request. */
  #headersOf(init: HeadersInit | undefined): Headers {
    const headers = new Headers(this.#headers);
    setOver(headers, new Headers(init));
    return headers;
  }
}

/** What a client sends to open a WebSocket (RFC 6455 4.1). */
function openingFields(protocols: readonly string[]): [name: string, value: string][] {
  return [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ...(protocols.length > 0 ? [['Sec-WebSocket-Protocol', protocols.join(', ')] as [string, string]] : []),
  ];
}

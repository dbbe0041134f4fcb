/** The options of a test client and of its requests, and the rules that check them. */
import { rule, type Rules } from '../../kit.js';
import type { HeadersInit } from '../../message/headers.js';
import { EXPECT_RULE, type ExpectedStatus } from './expected-status.js';
import { SENT_RULES, type SentRequest } from './request.js';

export interface TestClientOptions {
  /** Follow redirects to this same host, at most 10; one that leads elsewhere is the answer. Default false. */
  readonly followRedirects?: boolean | undefined;
  /** Sent with every request unless it says otherwise. Default none. */
  readonly headers?: HeadersInit | undefined;
  /** Whether requests come over TLS, unless they say otherwise. Default false. */
  readonly https?: boolean | undefined;
  /** The statuses that answers may have, unless a request says otherwise: `['2xx', '3xx']`. Default any. */
  readonly expect?: ExpectedStatus | readonly ExpectedStatus[] | undefined;
}

/** One request of a test. */
export interface TestRequestInit extends SentRequest {
  /** Default the client's own setting. */
  readonly followRedirects?: boolean | undefined;
  /** The status that the answer has, redirects followed; any other is an error. Default the client's own setting. */
  readonly expect?: ExpectedStatus | readonly ExpectedStatus[] | undefined;
}

/** What a WebSocket is opened with. */
export interface TestWebSocketInit extends Pick<
  TestRequestInit,
  'headers' | 'query' | 'cookies' | 'https' | 'remoteAddress' | 'httpVersion' | 'user' | 'signal' | 'expect'
> {
  /** Those that are offered, best first. Default none. */
  readonly protocols?: string | readonly string[] | undefined;
}

const HEADERS_RULE = rule.that(
  'an object or a list of pairs',
  (value) => typeof value === 'object' && value !== null,
);
const CLIENT_RULES = { followRedirects: rule.flag, expect: EXPECT_RULE };
export const OPTION_RULES: Rules<TestClientOptions> = {
  ...CLIENT_RULES,
  headers: HEADERS_RULE,
  https: rule.flag,
};
export const INIT_RULES: Rules<TestRequestInit> = { ...SENT_RULES, ...CLIENT_RULES };
const TEXT = rule.text('text');
export const WEB_SOCKET_RULES: Rules<TestWebSocketInit> = {
  headers: INIT_RULES.headers,
  query: INIT_RULES.query,
  cookies: INIT_RULES.cookies,
  https: INIT_RULES.https,
  remoteAddress: INIT_RULES.remoteAddress,
  httpVersion: INIT_RULES.httpVersion,
  user: INIT_RULES.user,
  signal: INIT_RULES.signal,
  expect: INIT_RULES.expect,
  protocols: rule.oneOrMore('a protocol or a list of them, such as "chat"', TEXT),
};

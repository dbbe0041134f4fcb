/** How an application reads its requests, shows errors and finishes its responses: it travels with the request. */
import type { ProxyHeader, Trust } from '../http/forwarded.js';
import type { HttpError } from '../http/http-error.js';
import type { QueryOptions } from '../http/query.js';
import type { Log } from '../ground/log/log.js';
import type { ErrorPageFormat, ErrorTemplate } from './error-template.js';
import type { Headers } from './headers.js';
import type { BodySettings } from './request-body.js';

/** Headers by name; they are added where a response does not set them itself. */
export type DefaultHeaders = Readonly<Record<string, string>>;

export interface SecurityHeaders {
  /** On every response. */
  readonly every: DefaultHeaders;
  /** On HTML documents besides. */
  readonly document: DefaultHeaders;
}

/** What of a response its head is made of. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Headers;
  readonly hasHeaders: boolean;
  readonly length: number | undefined;
  /** Whether nothing is added by default. */
  readonly asIs?: boolean | undefined;
}

/** Puts into a head what belongs there besides. */
export type HeadChange = (headers: Headers) => void;

/** Puts the heads of responses together. */
export interface Finisher {
  /** That its policies let inline code run with; `''` for none. */
  readonly nonce: string;
  /** One that changes heads before it puts them together. */
  withChange(change: HeadChange): Finisher;
  /** One whose policies let inline code with this nonce run. */
  withNonce(nonce: string): Finisher;
  /** Status line and header lines, each ended by CR LF, without date and what concerns the connection. */
  head(response: ResponseHead): string;
  /** The same fields as a list `[name, value, ...]`. */
  fields(response: ResponseHead): string[];
  /** @throws ObolError E_HEADER_VALUE for a header that protects and was set to nothing */
  check(response: ResponseHead): void;
}

/** What a test gives a request with which it calls a controller alone, in place of an application and its features. */
export interface Isolation {
  /** A `Session`, or what a new one holds. */
  readonly session: object | undefined;
}

/** Where requests come in that are made within another: the handler of the host, else the outermost application. */
export interface Entry {
  /** A `Handler`, which knows requests, and so their settings. */
  readonly handle: (request: never) => unknown;
  /** Those that requests have when they come to it. */
  readonly settings: Settings;
}

/** One frozen object for each application and place in another. */
export interface Settings extends BodySettings {
  /** The handler of the application that they are of; undefined for those of a host, which only stand until one has spoken. */
  readonly application: unknown;
  /** Judged by the outermost application alone. */
  readonly trust: Trust;
  readonly proxyHeader: ProxyHeader;
  readonly query: QueryOptions;
  /** Whether query and cookies are read; else `args` and `cookies` are empty. */
  readonly autoArgs: boolean;
  readonly autoCookies: boolean;
  /** Makes the HTML pages of errors. */
  readonly errorTemplate: ErrorTemplate | undefined;
  /** What a client gets that names no type. */
  readonly errorFormat: ErrorPageFormat;
  readonly logger: Log;
  /** Whether clients are shown the text of a crash. */
  readonly debug: boolean;
  /** Whether a developer's mistake that could be passed over is an error: see `isDevelopment`. */
  readonly development: boolean;
  /** Whether what handlers give is held against their contracts. */
  readonly checkReturns: boolean;
  /** Milliseconds that a body may stand still; the host's own limit where undefined. */
  readonly readTimeout: number | undefined;
  readonly securityHeaders: SecurityHeaders;
  readonly poweredBy: boolean;
  /** Finishes responses. */
  readonly finisher: Finisher;
  /**
   * Answers what a host refuses in place of a response, by the conditions and ranges of the request: gives a `Response` or a promise
   * of one. Undefined for a handler that is no application: then it is the ordinary page.
   */
  readonly refuse: ((error: HttpError, request: never) => unknown) | undefined;
  /**
   * Of a host that can: sends an interim answer to the request that was made of a source, unless it is too late for that.
   * @returns whether it was sent
   */
  readonly sendInterim: ((source: object, status: number, headers: Headers) => boolean) | undefined;
  /** Undefined until a host or an application has the request. */
  readonly entry: Entry | undefined;
  /**
   * Undefined, unless a test calls a controller alone and no application has adopted the request: then features whose
   * middleware the controller counts on answer with defaults in place of an error that they were forgotten.
   */
  readonly isolation: Isolation | undefined;
}

/** What an application was given; what it leaves out comes from around it. */
export interface GivenSettings {
  /** The settings of the application inside of what has those; of the host itself for the outermost. */
  within(outer: Settings): Settings;
}

/** Guards: checks that run before a body is read; they stop a request by throwing. */
import type { AnyToken } from '../ground/token.js';
import type { Request } from './request.js';

/** Looks at a request before its body is read, and throws (`abort(403)`) to refuse it. What it returns is ignored. */
export type Guard = (request: Request) => unknown;

/**
 * What a guard may use while it is put together: once per route, at bootstrap; or for each request, where it takes what
 * exists once per request, such as `Session`.
 */
export interface GuardSetup {
  /** `Controller.method` that it guards. */
  readonly name: string;
  /** The path template of the route it guards. */
  readonly path: string;
  /** An object of the application's container. @throws ObolError when there can be none */
  resolve<T>(token: AnyToken<T>): T;
  /** The same; undefined for what the application does not have. @throws ObolError for what it has and cannot build */
  tryResolve<T>(token: AnyToken<T>): T | undefined;
}

/** One thing that a client shows to pass a guard, for documents and clients. */
export interface Credential {
  /** What it is called in short, such as `basic`. */
  readonly name: string;
  /** A security scheme in the words of OpenAPI, such as `{ type: 'http', scheme: 'basic' }`. */
  readonly scheme: Readonly<Record<string, unknown>> & { readonly type: string };
  /** What it must be good for. Default nothing in particular. */
  readonly scopes?: readonly string[] | undefined;
}

/** What a client shows to pass a guard: one thing, one of several or all of them; undefined for nothing that is known. */
export type Credentials =
  | Credential
  | { readonly anyOf: readonly (Credentials | undefined)[] }
  | { readonly allOf: readonly (Credentials | undefined)[] };

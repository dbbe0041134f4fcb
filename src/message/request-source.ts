/** What requests are made of: what a host gives or a handler asks for, and the route that was found. */
import type { Readable } from 'node:stream';
import type { BodySource } from './body-bytes.js';
import type { ErrorPageFormat } from './error-template.js';
import { checkedHeaders, type Headers } from './headers.js';
import type { PeerSocket } from './peer.js';

/** The head of a request, as a host gives it. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** The request target, as sent. */
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** `[name, value, name, value, ...]`, checked by the host. */
  readonly rawHeaders: readonly string[];
  readonly socket: PeerSocket;
}

/**
 * What a host gives: a stream of the body that also knows the head, as Node's IncomingMessage does; or a head, and its body,
 * which counts as read where it is a Buffer. A body has no more bytes than its head declares.
 */
export type RequestSource = RequestHead & (Readable | { readonly body?: BodySource | Buffer | undefined });

/** What a handler asks its own server for, in the name of its client. */
export interface Asked {
  /** As the client would send it, from the first slash of the host: what mounts have taken is part of it. */
  readonly target: string;
  /** Default that of the request. */
  readonly method?: string | undefined;
  /** Default the fields of the request, and with them its body. */
  readonly headers?: Headers | undefined;
  /** Of a request with headers of its own. Default none. */
  readonly body?: Buffer | undefined;
}

/** The route that a request took, as far as a request may know it. */
export interface MatchedRoute {
  /** The path template, such as `/people/<name>`. */
  readonly path: string;
  /** `Controller.method`. */
  readonly name: string;
  readonly parameters: readonly { readonly name: string }[];
  /** The class whose method answers, and that method; both undefined for a plain function. */
  readonly target?: object | undefined;
  readonly property?: string | symbol | undefined;
  /** Where it differs from the application's. */
  readonly errorFormat?: ErrorPageFormat | undefined;
  /** What its contract has a schema for, if it has one for bodies. */
  readonly bodyPart?: 'body' | 'form' | undefined;
}

/** Whether the fields announce a body. */
export function declaresBody(rawHeaders: readonly string[]): boolean {
  const headers = checkedHeaders(rawHeaders);
  return headers.has('transfer-encoding') || /^\d+$/.test(headers.get('content-length') ?? '');
}

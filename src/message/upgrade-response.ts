/** A response that takes over its connection: status 101, after which another protocol is spoken (RFC 9110 7.8). */
import type { Duplex } from 'node:stream';
import { brand } from '../ground/brand.js';
import { CurrentRequest } from '../ground/current-request.js';
import { ObolError } from '../ground/errors.js';
import { isUpgradeProtocol, requestedProtocols, type UpgradableRequest } from '../http/upgrade.js';
import type { HeadersInit } from './headers.js';
import { ConnectionResponse } from './responses.js';
import type { Response, ResponseChanges } from './response.js';

/** A connection that is the handler's own from now on. */
export interface UpgradedConnection {
  /**
   * To be read, written and ended; the client's end of it is the event `end`, as no side ends by itself. The host hears
   * its errors, and cuts it when the client reads nothing for as long as `writeTimeout`.
   */
  readonly socket: Duplex;
  /** What came right behind the request, and belongs before all that is read from the socket; empty as a rule. */
  readonly head: Buffer;
  /** Aborts when the server closes: say farewell and end the socket. What is open after `drainTimeout` is cut. */
  readonly closing: AbortSignal;
  /** The same for one callback, at less cost where thousands are open; hosts of Obol's have it. */
  onClosing?(leave: () => void): void;
}

/** Takes a connection over. What it throws is logged, and cuts the connection. */
export type TakeOver = (connection: UpgradedConnection) => unknown;

const STATUS = 101;

/**
 * Changes the protocol of a connection. The request lives as long as the connection does: its `signal` aborts and its
 * `onClose` callbacks run when that closes, also where it closes before it could be taken over.
 *
 * @example
 * ```ts
 * // requestedProtocols comes from 'obol/http'
 * if (!requestedProtocols(req).includes('echo')) throw new HttpError(426, '', { headers: { Upgrade: 'echo' } });
 * return new UpgradeResponse('echo', ({ socket }) => socket.pipe(socket));
 * ```
 */
export class UpgradeResponse extends ConnectionResponse {
  static override readonly brand = brand(this, 'UpgradeResponse');

  readonly protocol: string;
  readonly #takeOver: TakeOver;

  /**
   * @param protocol one of `requestedProtocols(request)`
   * @param init.headers beside Connection and Upgrade, which are the host's
   * @throws ObolError E_UPGRADE for what is no protocol or no function; E_HEADER_NAME or E_HEADER_VALUE
   */
  constructor(protocol: string, takeOver: TakeOver, init: { readonly headers?: HeadersInit } = {}) {
    super(init.headers);
    if (typeof protocol !== 'string' || !isUpgradeProtocol(protocol))
      throw new ObolError(
        'E_UPGRADE',
        `${JSON.stringify(protocol)} is no protocol to change to; write "websocket" or another name but "h2c".`,
      );
    if (typeof takeOver !== 'function')
      throw new ObolError(
        'E_UPGRADE',
        `A connection is taken over by a function, not by ${JSON.stringify(takeOver)}.`,
      );
    this.protocol = protocol;
    this.#takeOver = CurrentRequest.bind(takeOver);
  }

  /** What `requestedProtocols(request)` gives. */
  static protocolsAskedBy(request: UpgradableRequest): string[] {
    return requestedProtocols(request);
  }

  override get status(): number {
    return STATUS;
  }

  /** @throws ObolError E_UPGRADE always: give another response instead */
  override set status(status: number) {
    throw new ObolError(
      'E_UPGRADE',
      `An UpgradeResponse cannot have the status ${String(status)}; give another response in its place.`,
    );
  }

  override get length(): undefined {
    return undefined;
  }

  /** With another status it is an ordinary response, and takes over nothing. */
  override with(changes: ResponseChanges): Response {
    if (changes.status !== undefined && changes.status !== STATUS) return super.with(changes);
    const copy = new UpgradeResponse(this.protocol, this.#takeOver, { headers: this.headers });
    if (this.answeredBy) copy.answeredBy = this.answeredBy;
    return copy;
  }

  /** For hosts, once the head is on its way. */
  takeOver(connection: UpgradedConnection): unknown {
    return this.#takeOver(connection);
  }
}

/** The way of one request: from server to server, until one has answered. */
import { HttpError, MethodNotAllowed, METHODS, requestName, type Request, type Response } from '../../kit.js';
import { answerOf } from './answer.js';
import { Exchange } from './exchange.js';
import { answerTo, UpstreamFailure } from './failure.js';
import { finalAnswer } from './final-recipient.js';
import { passOn, type Interim } from './interim.js';
import { messageOf, type Message } from './message.js';
import type { ProxyPlan } from './options.js';
import { outgoingFields } from './outgoing-fields.js';
import { outgoingPath } from './outgoing-path.js';
import type { Upstream } from './upstream.js';

/** Interim answers that a client gets before its answer, whatever servers say. */
const MAX_INTERIMS = 8;

/** Made once: it is the end of every request, and hardly ever an error. */
const OVER = new HttpError(499, 'The request is over');

export class Passage {
  readonly #request: Request;
  readonly #plan: ProxyPlan;
  #exchange: Exchange | undefined;
  /** How many the client has got. */
  #interims = 0;
  /** Whether nothing is wanted any more. */
  #isOver = false;

  constructor(request: Request, plan: ProxyPlan) {
    this.#request = request;
    this.#plan = plan;
  }

  /**
   * @throws HttpError 405 for a method that is not passed on, 400 and 413 for a request that is not, 403 for a server that may not be
   * asked, 508 for a loop; 502 where no server gives a right answer, 503 where they are asked too much already, 504 where they take too long
   */
  async answer(): Promise<Response> {
    const request = this.#request;
    const final = this.#finalAnswer();
    if (final) return final;
    const message = messageOf(request, this.#plan);
    request.onGone(() => {
      this.#isOver = true;
      this.#exchange?.abandon(OVER);
    });
    const upstreams = await this.#plan.targets.for(request);
    for (const upstream of upstreams) {
      try {
        return await this.#ask(upstream, message);
      } catch (error) {
        if (upstream === upstreams.at(-1) || !mayAskAnother(error, message))
          throw answerTo(error, request, upstream.name);
        this.#report(error, upstream);
      }
    }
    throw new HttpError(502);
  }

  /** Where this is the end of the way. */
  #finalAnswer(): Response | undefined {
    const { method, hasBody, headers } = this.#request;
    const { methods } = this.#plan;
    if (method === 'CONNECT' || (methods && !methods.includes(method)))
      throw new MethodNotAllowed({ allow: methods ?? METHODS, method });
    if (method !== 'OPTIONS' && method !== 'TRACE') return undefined;
    if (method === 'TRACE' && hasBody) throw new HttpError(400, 'TRACE has no body');
    return /^0+$/.test(headers.get('max-forwards') ?? '') ? finalAnswer(this.#request, methods) : undefined;
  }

  /** A connection that was kept may have been closed meanwhile: what may be repeated is sent over another. */
  async #ask(upstream: Upstream, message: Message): Promise<Response> {
    for (;;) {
      const exchange = this.#begin(upstream, message);
      try {
        const begun = await exchange.begun;
        upstream.server.trust();
        return answerOf(begun, this.#request, { request: this.#request, upstream, via: this.#plan.via });
      } catch (error) {
        exchange.end();
        const isStale = exchange.isReused && error instanceof UpstreamFailure && error.isClosed;
        if (!isStale || !message.isRepeatable) throw error;
      }
    }
  }

  #begin(upstream: Upstream, message: Message): Exchange {
    if (this.#isOver) throw OVER;
    if (upstream.server.isBusy)
      throw new UpstreamFailure('no answer, as it is asked too much already', {
        status: 503,
        isUnreached: true,
      });
    const request = this.#request;
    const plan = this.#plan;
    const path = outgoingPath(request, upstream.prefix);
    const fields = outgoingFields(request, message, { upstream, plan });
    const places = { request, upstream, via: plan.via };
    const onInterim = (interim: Interim): void => {
      if (this.#interims < MAX_INTERIMS && passOn(interim, places)) this.#interims++;
    };
    const toSend = { method: request.method, path, fields, message, onInterim };
    this.#exchange = new Exchange(upstream.server, toSend, plan);
    return this.#exchange;
  }

  /** Once, until it is asked again. */
  #report(error: unknown, upstream: Upstream): void {
    const { message, isUnreached, status } = error as UpstreamFailure;
    const isNews = !isUnreached || status === 503 || upstream.server.avoid();
    if (isNews)
      this.#request.log.warn(
        `${requestName(this.#request)}: ${upstream.name} gave ${message}; the next is asked`,
      );
  }
}

/** Any request that has not reached the server; one that may have, where it may be repeated. */
function mayAskAnother(error: unknown, { isRepeatable }: Message): boolean {
  return error instanceof UpstreamFailure && (error.isUnreached || isRepeatable);
}

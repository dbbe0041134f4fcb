/** What a request knows of its tokens: the secret they are bound to, and whether the client has yet to get it. */
import {
  ContextKey,
  isPromise,
  ObolError,
  personalResponse,
  type Request,
  type Response,
} from '../../kit.js';
import type { CsrfPlan } from './options.js';
import { createToken, isTokenOf, type CsrfSecret } from './token.js';

export const REQUEST_SECRET = new ContextKey<RequestSecret>('obol.csrf', {
  ofApplication: true,
  shared: true,
});

/** The secrets by one plan: one for all requests in the name of a client. */
export class Secrets {
  readonly plan: CsrfPlan;
  readonly #slot = new ContextKey<RequestSecret>('csrf-secret', { ofApplication: true });

  constructor(plan: CsrfPlan) {
    this.plan = plan;
  }

  /** That of a request, for its pages too. */
  of(request: Request): RequestSecret {
    const owner = request.firstOfClient;
    const secret = owner.get(this.#slot) ?? new RequestSecret(this.plan, request);
    owner.set(this.#slot, secret);
    request.set(REQUEST_SECRET, secret);
    return secret;
  }
}

/** The secret of one request. Nothing is looked up before a token is asked for, or has to be checked. */
export class RequestSecret {
  readonly plan: CsrfPlan;
  /**
   * Headers of a refusal by `csrf()` itself, whose page the application makes outside of it: the cookie gets in here when
   * that page asks for a token.
   */
  readonly refusalHeaders: Record<string, string> = {};
  readonly #request: Request;
  #secret: CsrfSecret | undefined;
  /** The Set-Cookie of a secret that the client does not have yet. */
  #setCookie: string | undefined;
  #isAdmitted = false;
  /** How many requests are on their way whose responses come back here. */
  #passes = 0;

  constructor(plan: CsrfPlan, request: Request) {
    this.plan = plan;
    this.#request = request;
  }

  /** A token for a page. @throws ObolError E_CSRF when it comes too late, or the secret does */
  token(): string {
    return createToken(this.plan.key, (this.#secret ??= this.#find()));
  }

  /** Whether the token is one that a page of this session got. */
  async accepts(token: string): Promise<boolean> {
    const { key, secretOf, cookie } = this.plan;
    const secret = usable(await secretOf(this.#request)) ?? cookie.read(this.#request);
    return secret !== undefined && isTokenOf(token, key, secret);
  }

  /**
   * The head of the response goes out, with everything that a page with a token needs. The cookie goes with the answer to the
   * client, where that comes back here, too.
   */
  finish(response: Response, { subrequestOf }: Request): Response {
    this.close();
    if (this.#secret === undefined) return response;
    const setCookie = subrequestOf && this.#passes > 0 ? undefined : this.#setCookie;
    if (setCookie !== undefined) this.#setCookie = undefined;
    return personalResponse(response, setCookie);
  }

  /** A request goes on, so that its response will come back here. */
  admit(): void {
    this.#isAdmitted = true;
    this.#passes++;
  }

  /** It has come back; after the last, no cookie can be set. */
  close(): void {
    this.#passes--;
  }

  #find(): CsrfSecret {
    const { secretOf, cookie } = this.plan;
    const own = secretOf(this.#request);
    if (isPromise(own)) {
      // It may never be awaited, so its failure must not end the process.
      own.then(undefined, () => undefined);
      throw new ObolError(
        'E_CSRF',
        'secretOf gave a promise, and a token was asked for: give the secret at once where a page needs it, as a session ' +
          'can that has been loaded.',
      );
    }
    return usable(own) ?? cookie.read(this.#request) ?? this.#begin();
  }

  #begin(): string {
    if ((this.#isAdmitted && this.#passes === 0) || this.#request.root.isHeadSent)
      throw new ObolError(
        'E_CSRF',
        'A token was asked for when the head of the response had gone out, so that its cookie cannot be set any more: ask ' +
          'before the handler returns, not in a generator or stream that it returns.',
      );
    const { secret, setCookie } = this.plan.cookie.create(this.#request);
    this.#setCookie = setCookie;
    if (!this.#isAdmitted) this.refusalHeaders['Set-Cookie'] = setCookie;
    return secret;
  }
}

/** An empty one is the same for all clients. */
function usable(secret: CsrfSecret | undefined): CsrfSecret | undefined {
  return secret === undefined || secret.length === 0 ? undefined : secret;
}

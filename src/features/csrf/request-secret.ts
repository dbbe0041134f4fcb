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
  #isSent = false;

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

  /** The head of the response goes out, with everything that a page with a token needs. */
  finish(response: Response): Response {
    this.close();
    return this.#secret === undefined ? response : personalResponse(response, this.#setCookie);
  }

  /** The request goes on, so that its response will come back here. */
  admit(): void {
    this.#isAdmitted = true;
  }

  /** No cookie can be set from now on. */
  close(): void {
    this.#isSent = true;
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

  /** A page and its parts have one, whichever of them asks first. */
  #begin(): CsrfSecret {
    const around = this.#request.sameAround({ has: (view) => this.#isOpenAt(view) })?.get(REQUEST_SECRET);
    return around ? (around.#secret ??= around.#find()) : this.#create();
  }

  #isOpenAt(view: Request): boolean {
    const other = view.get(REQUEST_SECRET);
    return other?.plan === this.plan && other.#isAdmitted && !other.#isSent;
  }

  #create(): string {
    if (this.#isSent)
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

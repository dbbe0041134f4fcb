/** The end of a request: its session is written where it changed, and its response says so. */
import { epochSeconds } from '../../ground/clock.js';
import { expiredCookie } from '../../http/set-cookie.js';
import { isPromise } from '../../message/handler.js';
import { Declined } from '../../message/responses.js';
import { personalResponse } from '../../answering/personal-response.js';
import type { Response } from '../../message/response.js';
import type { Draft, Keeper } from './keeper.js';
import type { NamedCookie, SessionPlan } from './options.js';
import { endOf, type SessionRecord } from './record.js';
import type { SessionState } from './state.js';

/** What is done about a session, worked out before any of it is. */
interface Plan {
  /** Ends. */
  readonly dropped?: SessionRecord | undefined;
  readonly draft?: Draft;
  /** The cookie that the client has is removed, unless a draft replaces it. */
  readonly clears?: boolean;
}

/** Writes sessions and their cookies. */
export class SessionWriter {
  readonly #keeper: Keeper;
  readonly #plan: SessionPlan;

  constructor(keeper: Keeper, plan: SessionPlan) {
    this.#keeper = keeper;
    this.#plan = plan;
  }

  /**
   * Writes what changed, before anything of the response is sent.
   * @param cookie that the session is found by
   * @throws ObolError E_SESSION_DATA or E_SESSION_SIZE for a session that cannot be kept, HttpError 503 when the store fails;
   * also as a rejection
   */
  finish(state: SessionState, response: Response, cookie: NamedCookie): Response | Promise<Response> {
    if (response instanceof Declined) return response;
    const plan = state.isOpen && state.isAccessed ? this.#decide(state, cookie.name) : undefined;
    state.close();
    // The body of a stream is still to be made, and may read the session when it is too late to say so.
    const isPrivate = state.isAccessed || response.isStream;
    if (!plan) return isPrivate ? personalResponse(response) : response;
    const answer = (written: string | undefined): Response => {
      if (plan.draft && written === undefined)
        state.report('it was ended by another request, so its changes are lost');
      return personalResponse(response, this.#setCookie(plan, cookie, written));
    };
    const written = this.#carryOut(plan);
    return isPromise(written) ? written.then(answer) : answer(written);
  }

  /** @returns undefined when there is nothing to do */
  #decide(state: SessionState, cookieName: string): Plan | undefined {
    const { base, isReplaced, clears } = state;
    const { values, changes } = state.written();
    if (values.size === 0) return { dropped: base, clears: clears || base !== undefined };
    const isNew = base === undefined || isReplaced;
    const isSame = !isNew && changes.set.size + changes.deleted.length === 0;
    if (isSame && !state.isStale) return undefined;
    const { identity, times } = state;
    const { issuedAt, expiresAt } = times;
    const record = { id: identity.id, issuedAt, expiresAt, seenAt: epochSeconds(), values };
    const draft = { identity, record, changes, isNew, cookieName };
    return { dropped: isReplaced ? base : undefined, draft };
  }

  /** The new session is there before the old one goes. */
  #carryOut({ draft, dropped }: Plan): string | undefined | Promise<string | undefined> {
    const written = draft && this.#keeper.write(draft);
    if (isPromise(written)) return Promise.resolve(written).then((value) => this.#drop(dropped, value));
    return this.#drop(dropped, written);
  }

  #drop(
    dropped: SessionRecord | undefined,
    written: string | undefined,
  ): string | undefined | Promise<string | undefined> {
    const done = dropped && this.#keeper.drop(dropped);
    return isPromise(done) ? Promise.resolve(done).then(() => written) : written;
  }

  #setCookie({ draft, clears }: Plan, cookie: NamedCookie, value: string | undefined): string | undefined {
    const { name, attributes, ending } = cookie;
    if (draft && value !== undefined) {
      const { persistent, lifetimes } = this.#plan;
      const age = persistent ? `; Max-Age=${String(endOf(draft.record, lifetimes) - epochSeconds())}` : '';
      return `${name}=${value}${age}${ending}`;
    }
    return clears ? expiredCookie(name, attributes) : undefined;
  }
}

/** The end of a request: its session is written where it changed, and its response says so. */
import { epochSeconds } from '../../ground/clock.js';
import { expiredCookie } from '../../http/set-cookie.js';
import { isPromise } from '../../message/handler.js';
import { personalResponse } from '../../answering/personal-response.js';
import type { Response } from '../../message/response.js';
import type { Draft, Keeper } from './keeper.js';
import type { NamedCookie, SessionPlan } from './options.js';
import { endOf, type SessionRecord } from './record.js';
import type { SessionState } from './state.js';

/** What is done about a session, worked out before any of it is. */
interface Ending {
  readonly state: SessionState;
  /** What the session is found by. */
  readonly cookie: NamedCookie;
  readonly draft?: Draft;
  /** Ends, and none takes its place. */
  readonly dropped?: SessionRecord | undefined;
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
    const ending = state.isOpen && state.isAccessed ? decide(state, cookie) : undefined;
    state.close();
    // The body of a stream is still to be made, and may read the session when it is too late to say so.
    const isPrivate = state.isAccessed || response.isStream;
    if (!ending) return isPrivate ? personalResponse(response) : response;
    const { draft, dropped } = ending;
    const written = draft ? this.#keeper.write(draft) : dropped && this.#keeper.drop(dropped);
    return isPromise(written)
      ? written.then((value) => this.#answer(response, ending, value))
      : this.#answer(response, ending, written);
  }

  /** @param value of the cookie; undefined when the session is gone */
  #answer(response: Response, ending: Ending, value: string | undefined): Response {
    const { state, cookie, draft, clears } = ending;
    const { name, attributes } = cookie;
    if (draft && value !== undefined) {
      const { persistent, lifetimes } = this.#plan;
      const age = persistent ? `; Max-Age=${String(endOf(draft.record, lifetimes) - epochSeconds())}` : '';
      return personalResponse(response, `${name}=${value}${age}${cookie.ending}`);
    }
    if (draft) state.report('it was ended by another request, so its changes are lost');
    return personalResponse(response, clears ? expiredCookie(name, attributes) : undefined);
  }
}

/** @returns undefined when there is nothing to do */
function decide(state: SessionState, cookie: NamedCookie): Ending | undefined {
  const { base, isReplaced, clears, times } = state;
  const { values, changes } = state.written();
  if (values.size === 0) return { state, cookie, dropped: base, clears: clears || base !== undefined };
  const isNew = base === undefined || isReplaced;
  const isSame = !isNew && changes.set.size + changes.deleted.length === 0;
  if (isSame && !state.isStale) return undefined;
  const { identity } = state;
  const { issuedAt, expiresAt } = times;
  const record = { id: identity.id, issuedAt, expiresAt, seenAt: epochSeconds(), values };
  const replaced = isReplaced ? base : undefined;
  return { state, cookie, draft: { identity, record, changes, isNew, replaced, cookieName: cookie.name } };
}

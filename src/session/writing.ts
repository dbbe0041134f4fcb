/** The end of a request: its session is written where it changed, and its response says so. */
import { expiredCookie, serializeCookie } from '../http/set-cookie.js';
import { isPromise } from '../message/handler.js';
import { Declined } from '../message/responses.js';
import { personalResponse } from '../message/personal-response.js';
import type { Response } from '../message/response.js';
import type { Draft, Keeper } from './keeper.js';
import type { NamedCookie, SessionPlan } from './options.js';
import { endOf, seconds, type SessionRecord } from './record.js';
import { changesOf, type SessionState } from './state.js';

/** What is done about a session, worked out before any of it is. */
interface Plan {
  /** Ends. */
  readonly dropped?: SessionRecord | undefined;
  readonly draft?: Draft;
  /** The cookie that the client has is removed, unless a draft replaces it. */
  readonly clears?: boolean;
}

const NOTHING: Plan = {};

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
   * @param report told of a change that came too late
   * @throws ObolError E_SESSION_DATA or E_SESSION_SIZE for a session that cannot be kept, HttpError 503 when the store fails;
   * also as a rejection
   */
  finish(
    state: SessionState,
    response: Response,
    { cookie, report }: { readonly cookie: NamedCookie; readonly report: (problem: string) => void },
  ): Response | Promise<Response> {
    if (response instanceof Declined) return response;
    const plan = state.isOpen && state.isAccessed ? this.#decide(state, cookie.name) : NOTHING;
    state.close();
    // The body of a stream is still to be made, and may read the session when it is too late to say so.
    const isPrivate = state.isAccessed || response.isStream;
    const answer = (written: string | undefined): Response => {
      if (plan.draft && written === undefined)
        report('it was ended by another request, so its changes are lost');
      return isPrivate ? personalResponse(response, this.#setCookie(plan, cookie, written)) : response;
    };
    const written = this.#carryOut(plan);
    return isPromise(written) ? written.then(answer) : answer(written);
  }

  #decide(state: SessionState, cookieName: string): Plan {
    const { base, isReplaced, clears } = state;
    const values = state.texts();
    const dropped = isReplaced || values.size === 0 ? base : undefined;
    if (values.size === 0) return { dropped, clears: clears || base !== undefined };
    const known = isReplaced ? undefined : base;
    const changes = changesOf(values, known?.values ?? new Map());
    const isSame = known !== undefined && changes.set.size + changes.deleted.length === 0;
    if (isSame && !state.isStale) return NOTHING;
    const { identity } = state;
    const record = { ...state.times, id: identity.id, seenAt: seconds(), values };
    return { dropped, draft: { identity, record, changes, isNew: known === undefined, cookieName } };
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

  #setCookie(
    { draft, clears }: Plan,
    { name, attributes }: NamedCookie,
    value: string | undefined,
  ): string | undefined {
    if (draft && value !== undefined) {
      const { persistent, lifetimes } = this.#plan;
      const maxAge = endOf(draft.record, lifetimes) - seconds();
      return serializeCookie(name, value, persistent ? { ...attributes, maxAge } : attributes);
    }
    return clears ? expiredCookie(name, attributes) : undefined;
  }
}

/** What a client's request has of its session, and the requests that handlers make within it. */
import { type Request, requestName, type Response } from '../../kit.js';
import type { Found } from './keeper.js';
import { Session } from './session.js';
import { SessionState, type Ending, type SessionSource } from './state.js';

/** One for all requests in the name of a client: the object for their controllers, and what that knows. */
export interface Slot<T extends object> {
  session: Session<T>;
  state: SessionState;
  /**
   * `due` until a request has come to the feature, or its response has, to which the cookie is added; `open` until the response of
   * the client's own request comes back; `parts` until those of all within it do, where that is not on its way; then `over`.
   */
  phase: 'due' | 'open' | 'parts' | 'over';
  /** Whether a controller, or what asked for it, has got the session. */
  isGiven: boolean;
  /** How many requests within that of the client are on their way. */
  parts?: number;
  /** What became of the session at the end. */
  ending?: Ending | undefined;
  /** Is settled when that has been written for a part. */
  writing?: Promise<unknown> | undefined;
}

const UNKEPT =
  'a session was used below a mount that sessions() does not see, so nothing of it is kept. Put the mount behind them, as in ' +
  'features: [sessions, { middleware: [mount(prefix, handler)] }], or give the application in it sessions of its own.';
const PASSED =
  'a session was changed, and the request was answered before it came to sessions(), so the change is lost. Put what answers ' +
  'behind them, as in features: [sessions, { middleware: [mount(prefix, handler)] }].';

/** What answers may stand outside of the feature, or hold an application without it: then no response comes back here. */
export function reportUnkept<T extends object>(request: Request, slot: Slot<T>): void {
  request.onClose(() => {
    const { state, phase } = slot;
    const isLost = request.isView ? state.isAccessed : holdsChange(state.end());
    if (phase !== 'due' || !isLost) return;
    const { method, target, log } = request;
    log.error(`${requestName({ method, target })}: ${request.isView ? UNKEPT : PASSED}`);
  });
}

function holdsChange({ draft, dropped }: Ending = {}): boolean {
  if (!draft) return dropped !== undefined;
  // One that is only written to stay alive has none.
  return draft.changes === undefined || draft.changes.set.size + draft.changes.deleted.length > 0;
}

/** Another request comes to a session that is over: it goes on from what was written, unless the head has gone out. */
export function reopen<T extends object>(slot: Slot<T>, source: SessionSource, request: Request): void {
  if (request.root.isHeadSent) return;
  const found = foundAfter(slot);
  const state = new SessionState(found ? { ...source, find: () => found } : source, request);
  Object.assign(slot, { session: new Session<T>(state), state, phase: 'parts', ending: undefined });
}

/** @returns undefined where it has not been looked for */
function foundAfter({ state, ending }: Pick<Slot<never>, 'state' | 'ending'>): Found | undefined {
  if (ending) return ending.draft ? { record: ending.draft.record, token: ending.draft.token } : {};
  if (!state.isOpen) return undefined;
  return state.base ? { record: state.base, token: state.identity.token } : {};
}

/** The cookie of a response is newer than that of a part which came before it. */
export function inPlaceOfEarlier(request: Request, response: Response, name: string): Response {
  const isOurs = (cookie: string): boolean => cookie.startsWith(`${name}=`);
  const newest = response.headers.getAll('set-cookie').filter(isOurs);
  if (newest.length > 0)
    request.onHead((head) => {
      const others = head.getAll('set-cookie').filter((cookie) => !isOurs(cookie));
      head.set('Set-Cookie', [...others, ...newest]);
    });
  return response;
}

/** Guards combined: one of several is enough, or all of them are needed; a single 401 names every way to log in. */
import {
  andThen,
  attempt,
  createGuard,
  guardSources,
  HttpError,
  ResponseError,
  type Guard,
  type GuardSetup,
  ObolError,
  type Request,
  Unauthorized,
} from '../../../kit.js';

type GuardDecorator = ReturnType<ReturnType<typeof createGuard>>;

/**
 * `@anyOf(GrantAddress('10.0.0.0/8'), CheckDigest('Staff'))` lets through whom one of its guards lets through. They are
 * asked in this order, and one that refuses leaves no trace in `request.user`. If all refuse, the answer is one 401
 * with the challenges of all of them, Basic last, or 403 when logging in would not help; a guard that sends people to a
 * form does so then. Any other error of a guard, such as 429, is the answer at once.
 */
export const anyOf = createGuard(
  'anyOf',
  (setup, ...decorators: GuardDecorator[]) => {
    const guards = bindAll('anyOf', decorators, setup);
    return (request) => askAny(request, guards, 0, []);
  },
  (setup, decorators) => ({
    anyOf: guardSources('anyOf', decorators).map(({ credentials }) => credentials?.(setup)),
  }),
);

/** Lets through whom all of the guards let through. It is for use among other guards in `anyOf`. */
export const allOf = createGuard(
  'allOf',
  (setup, ...decorators: GuardDecorator[]) => {
    const guards = bindAll('allOf', decorators, setup);
    return (request) => askAll(request, guards, 0);
  },
  (setup, decorators) => ({
    allOf: guardSources('allOf', decorators).map(({ credentials }) => credentials?.(setup)),
  }),
);

/** Puts all of them together. @throws ObolError with what is wrong with each of them, so that all is said at once */
function bindAll(taker: string, decorators: readonly GuardDecorator[], setup: GuardSetup): Guard[] {
  if (decorators.length === 0) throw new ObolError('E_SETTING', `${taker}: name at least one guard.`);
  const errors: unknown[] = [];
  const guards: Guard[] = [];
  for (const { bind } of guardSources(taker, decorators)) {
    try {
      guards.push(bind(setup));
    } catch (error) {
      errors.push(error);
    }
  }
  const [mistake, ...others] = errors.filter(isMistake);
  if (mistake && others.length > 0)
    throw new ObolError(mistake.code, [mistake, ...others].map(({ message }) => message).join(' And '));
  if (errors.length > 0) throw mistake ?? errors[0];
  return guards;
}

/** What exists once per request is none: guards are put together for each request then. */
function isMistake(error: unknown): error is ObolError {
  return error instanceof ObolError && error.code !== 'E_DEPENDENCY_SCOPE';
}

type Answer = undefined | Promise<undefined>;

function askAny(request: Request, guards: readonly Guard[], at: number, refusals: HttpError[]): Answer {
  const guard = guards[at];
  if (!guard) throw refusalOf(refusals);
  const before = request.user;
  const goOn = (error: unknown): Answer => {
    request.user = before;
    if (!isRefusal(error)) throw error;
    return askAny(request, guards, at + 1, [...refusals, error]);
  };
  return attempt(() => andThen(guard(request), () => undefined), goOn);
}

function askAll(request: Request, guards: readonly Guard[], at: number): Answer {
  const guard = guards[at];
  return guard && andThen(guard(request), () => askAll(request, guards, at + 1));
}

/** Whether a guard has refused the client: with 401 or 403, or by sending it to a form. */
function isRefusal(error: unknown): error is HttpError {
  const status = error instanceof HttpError ? error.status : 0;
  return status === 401 || status === 403 || (status === 303 && error instanceof ResponseError);
}

/** The one answer: a form to log in, else every way to log in, else the first refusal. */
function refusalOf(refusals: readonly HttpError[]): HttpError {
  const sent = refusals.find(({ status }) => status === 303);
  if (sent) return sent;
  const invitations = refusals.filter(({ status }) => status === 401);
  const challenges = invitations.flatMap(({ headers }) => headers['WWW-Authenticate'] ?? []);
  if (invitations.length === 0) return refusals[0] ?? new HttpError(403);
  const sorted = [...new Set(challenges)].sort((a, b) => weakness(a) - weakness(b));
  return new Unauthorized({ challenges: sorted });
}

/** Basic, which sends passwords as they are, comes last; the order of all others stays. */
function weakness(challenge: string): number {
  return /^basic\b/i.test(challenge) ? 1 : 0;
}

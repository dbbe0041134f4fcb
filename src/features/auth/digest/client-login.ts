/** Who was let in with the credentials of a client, for all requests that are made in the name of that client. */
import { ContextKey, type Request } from '../../../kit.js';
import type { DigestPlan } from './settings.js';

/** What a guard lets through, any user of a realm or one, and what is decided for all guards of the feature. */
export interface Zone {
  readonly realm: string;
  readonly user: string | undefined;
  readonly plan: DigestPlan;
}

/** Who was let in, and what Authentication-Info says then. */
export interface DigestLogin {
  readonly zone: Zone;
  readonly user: string;
  readonly info: string;
}

export const DIGEST_LOGIN = new ContextKey<DigestLogin>('obol.digest-login', {
  ofApplication: true,
  shared: true,
});
/** Is fulfilled when credentials have been judged that are being judged. */
const UNDER_WAY = new ContextKey<Promise<unknown>>('digest-under-way', { ofApplication: true });
/** With whose users the credentials do not agree. */
const WRONG = new ContextKey<DigestPlan>('digest-wrong', { ofApplication: true });

/** The login of the client with the same credentials, found before in its request or in one that is made within it. */
export function loginOfClient(request: Request, { plan, realm }: Zone): DigestLogin | undefined {
  const credentials = request.headers.get('authorization');
  let asked: Request | undefined = request.firstOfClient;
  for (let outer = request.subrequestOf; asked; outer = outer?.subrequestOf) {
    const login = asked.get(DIGEST_LOGIN);
    const isOfZone = login?.zone.plan === plan && login.zone.realm === realm;
    if (isOfZone && asked.headers.get('authorization') === credentials) return login;
    asked = outer;
  }
  return undefined;
}

/** Whether the credentials were found wrong, so that they are not counted once more. */
export function isKnownWrong(request: Request, { plan }: Zone): boolean {
  return request.firstOfClient.get(WRONG) === plan;
}

export function rememberWrong(request: Request, { plan }: Zone): void {
  request.firstOfClient.set(WRONG, plan);
}

/** Judges credentials when none of the same client are being judged: what the first finds out, the others know. */
export async function inTurn(request: Request, judge: () => unknown): Promise<void> {
  const { firstOfClient: first } = request;
  for (let before = first.get(UNDER_WAY); before; before = first.get(UNDER_WAY)) await before;
  const judging = judged(judge);
  const ended = (): void => {
    first.set(UNDER_WAY, undefined);
  };
  first.set(UNDER_WAY, judging.then(ended, ended));
  await judging;
}

async function judged(judge: () => unknown): Promise<void> {
  await judge();
}

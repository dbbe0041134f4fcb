/** The check of digest credentials by RFC 7616, step by step, and what the answer to a login says. */
import {
  andThen,
  assertSetting,
  ContextKey,
  copyOf,
  Declined,
  type Guard,
  type Middleware,
  ObolError,
  type Request,
  type Response,
  rule,
} from '../../../kit.js';
import { timingSafeEqual } from 'node:crypto';
import type { Attempt, Throttle } from '../../throttle/throttle.js';
import { refusal } from './challenges.js';
import { readCredentials, type DigestCredentials } from './credentials.js';
import {
  DIGEST_LOGIN,
  inTurn,
  isKnownWrong,
  loginOfClient,
  rememberWrong,
  type DigestLogin,
  type Zone,
} from './client-login.js';
import type { NoncePurpose, ReadNonce } from './nonce.js';
import type { Proofs } from './proofs.js';
import { remember } from './remember.js';
import type { DigestPlan } from './settings.js';

/** A nonce of ours, and who was let in with it before. */
interface KnownNonce extends ReadNonce {
  readonly user?: string;
}

/** Credentials that could be right: meant for this zone and this request, with a nonce of ours. */
interface Claim {
  readonly request: Request;
  /** That of the client, which it is or is made within. */
  readonly sent: Request;
  readonly zone: Zone;
  readonly credentials: DigestCredentials;
  readonly proofs: Proofs;
  readonly nonce: KnownNonce;
  /** Who the client says it is; a hash that stands for no user is left as it is. */
  readonly name: string;
  readonly isNamed: boolean;
}

/** A claim, and the hash of the password that must have been used. */
interface Known {
  readonly claim: Claim;
  readonly ha1: string;
  /** Whether it is that of a user, and not one that no password gives. */
  readonly isUser: boolean;
}

type Eventually<T> = T | Promise<T>;

const MAX_PROVEN = 10_000;
const REALM_RULE = rule.text('text without colons and control characters', /^[^:\p{Cc}]+$/u);

/**
 * A check that lets through any user of the realm, or the one named; `request.user` is the name then.
 * @throws ObolError E_SETTING for a realm that cannot be, or one that no user can log in to
 */
export function digestGuard(plan: DigestPlan, realm: string, user?: string): Guard {
  assertSetting('CheckDigest.realm', realm, REALM_RULE);
  const zone: Zone = { plan, realm: realm.normalize('NFC'), user: user?.normalize('NFC') };
  const hashes = [...new Set(plan.algorithms.map(({ hash }) => hash))];
  const complaint = plan.users.complaint?.(zone.realm, hashes);
  if (complaint !== undefined) throw new ObolError('E_SETTING', complaint);
  return (request) => check(request, zone);
}

/**
 * A nonce count is good once, but a class and its method may both ask.
 * @param isDue whether it is known that nothing is known of the client
 */
function check(
  request: Request,
  zone: Zone,
  isDue = !request.isView || !request.subrequestOf,
): Eventually<void> {
  const login = request.get(DIGEST_LOGIN);
  if (login?.zone.plan === zone.plan && login.zone.realm === zone.realm) {
    if (zone.user !== undefined && login.user !== zone.user) refuse(zone);
    return;
  }
  if (!isDue) return checkPart(request, zone);
  const claim = claimOf(request, zone);
  if (claim.isNamed) return findHash(claim);
  const { hash } = claim.proofs.algorithm;
  return andThen(
    zone.plan.users.findHashed?.(zone.realm, claim.name.toLowerCase(), hash),
    resolveName,
    claim,
  );
}

/** In a request that a handler makes counts what is known of the client, so that credentials are judged, and counted, once. */
function checkPart(request: Request, zone: Zone): Eventually<void> {
  if (admitKnown(request, zone)) return;
  return inTurn(request, () => admitKnown(request, zone) || check(request, zone, true));
}

/** @returns whether the client has been let in before */
function admitKnown(request: Request, zone: Zone): boolean {
  const login = loginOfClient(request, zone);
  if (login ? zone.user !== undefined && login.user !== zone.user : isKnownWrong(request, zone)) refuse(zone);
  if (login) enterAs(request, login);
  return login !== undefined;
}

/** All that can be judged without knowing any user. Credentials are for what the client itself has asked for. */
function claimOf(request: Request, zone: Zone): Claim {
  const { plan, realm } = zone;
  const sent = request.isView ? request.root : request;
  const credentials = readCredentials(request.headers) ?? refuse(zone);
  const { username: name, uri, qop, response } = credentials;
  const proofs = plan.proofs.get(credentials.algorithm.toLowerCase()) ?? refuse(zone);
  const isNamed = credentials.userhash.toLowerCase() !== 'true';
  const isOffered = plan.qops.includes(qop) && (isNamed || plan.userhash);
  const isMeant = credentials.realm === realm && (uri === sent.target || isAbsolute(uri, sent));
  if (!isOffered || !isMeant || response.length !== proofs.algorithm.digits) refuse(zone);
  const nonce =
    readNonce(credentials.nonce, { realm, algorithm: proofs.algorithm.name }, plan) ?? refuse(zone);
  return { request, sent, zone, credentials, proofs, nonce, name, isNamed };
}

/** What is known of a nonce: out of memory, else from itself. */
function readNonce(text: string, purpose: NoncePurpose, plan: DigestPlan): KnownNonce | undefined {
  const proven = plan.proven.get(text);
  const isKnown = proven?.realm === purpose.realm && proven.algorithm === purpose.algorithm;
  return isKnown ? proven : plan.nonces.read(text, purpose);
}

/** Goes on with the user whom a hash stands for. */
function resolveName(found: string | undefined, claim: Claim): Eventually<void> {
  return findHash({ ...claim, name: found ?? claim.name, isNamed: found !== undefined });
}

/** A name that no user has is asked for, too, as time would show where users are in a database. */
function findHash(claim: Claim): Eventually<void> {
  const { zone, name, proofs } = claim;
  return andThen(zone.plan.users.find(zone.realm, name, proofs.algorithm.hash), chooseHash, claim);
}

/**
 * A name that no user has takes the same way as any other, with a hash that no password gives. That is made for names of users,
 * too, except for the one who was let in with this nonce.
 */
function chooseHash(found: string | undefined, claim: Claim): Eventually<void> {
  const isUser = claim.isNamed && found !== undefined;
  const dummy = isUser && claim.name === claim.nonce.user ? '' : dummyFor(claim);
  const known = { claim, ha1: isUser ? found : dummy, isUser };
  return claim.credentials.qop === 'auth'
    ? judge(undefined, known)
    : andThen(bodyHashOf(claim), judge, known);
}

/**
 * Of guesses that come all at once, no more are answered than of those that come one by one: each asks the throttle when it is
 * decided, a wrong one by counting itself, and stores answer in the order in which they are asked. A right answer with a nonce
 * that let the same user in before is no guess: no failures of others hold that client up.
 */
function judge(bodyHash: string | undefined, { claim, ha1, isUser }: Known): Eventually<void> {
  const { zone, credentials, proofs, name } = claim;
  const { throttle } = zone.plan;
  const { response, rspauth } = proofs.of(ha1, credentials, { method: claim.sent.method, bodyHash });
  const isRight = timingSafeEqual(Buffer.from(response, 'hex'), Buffer.from(credentials.response, 'hex'));
  if (!isRight || !isUser) return refuseWrong(claim);
  const mayBeGuess = throttle && !throttle.store.isEmpty && name !== claim.nonce.user;
  return mayBeGuess ? checkCounts(claim, rspauth, throttle) : enter(claim, rspauth);
}

function refuseWrong({ request, zone, name }: Claim): Eventually<never> {
  rememberWrong(request, zone);
  return andThen(zone.plan.throttle?.fail(new DigestAttempt(name, request)), () => refuse(zone));
}

/** Where failures are counted, a right answer counts as none, and clears those of its user when it is a new one. */
function checkCounts(claim: Claim, rspauth: string, throttle: Throttle): Eventually<void> {
  const attempt = new DigestAttempt(claim.name, claim.request);
  return andThen(throttle.check(attempt), (isCounted) => {
    const entered = enter(claim, rspauth);
    return isCounted ? andThen(entered, () => throttle.succeed(attempt)) : entered;
  });
}

/**
 * A right answer is good once: one that was sent before may have come from any client. A nonce from the future comes from a clock
 * that is ahead, and a little of that is no harm.
 */
function enter(claim: Claim, rspauth: string): Eventually<void> {
  const { zone, credentials, nonce } = claim;
  const { nonceStore, lifetime } = zone.plan;
  if (zone.user !== undefined && claim.name !== zone.user) refuse(zone);
  const { issuedAt } = nonce;
  const count = parseInt(credentials.nc, 16);
  const age = Date.now() - issuedAt;
  const isYoung = nonce.isOurs && count > 0 && age < lifetime && age >= -lifetime;
  const use = { nonce: credentials.nonce, count, issuedAt, expiresAt: issuedAt + lifetime };
  return andThen(isYoung && nonceStore.use(use), admit, { claim, rspauth });
}

function admit(isFresh: boolean, { claim, rspauth }: { claim: Claim; rspauth: string }): void {
  const { request, zone, nonce, name } = claim;
  if (!isFresh) throw refusal(zone.plan, zone.realm, true);
  if (name !== nonce.user) rememberNonce(claim);
  const login = { zone, user: name, info: infoFor(claim, rspauth) };
  enterAs(request, login);
  if (request.isView) request.firstOfClient.set(DIGEST_LOGIN, login);
}

function enterAs(request: Request, login: DigestLogin): void {
  request.user = login.user;
  request.set(ContextKey.AUTH_SCHEME, 'Digest');
  request.set(DIGEST_LOGIN, login);
}

function rememberNonce({ zone, credentials, nonce, proofs, name }: Claim): void {
  const { plan, realm } = zone;
  const proven = { ...nonce, realm, algorithm: proofs.algorithm.name, user: copyOf(name) };
  remember(plan.proven, credentials.nonce, proven, MAX_PROVEN);
}

/** With a new nonce when this one is past the middle of its life, so that it need not end in a 401. */
function infoFor({ zone, credentials, proofs, nonce }: Claim, rspauth: string): string {
  const { cnonce, nc } = credentials;
  const quoted = /["\\]/.test(cnonce) ? cnonce.replace(/["\\]/g, '\\$&') : cnonce;
  const info = `rspauth="${rspauth}", qop=auth, cnonce="${quoted}", nc=${nc}`;
  const isOld = (Date.now() - nonce.issuedAt) * 2 > zone.plan.lifetime;
  return isOld ? `${info}, nextnonce="${nextNonce(zone, proofs)}"` : info;
}

function nextNonce({ plan, realm }: Zone, { algorithm }: Proofs): string {
  return plan.nonces.issue({ realm, algorithm: algorithm.name });
}

function refuse({ plan, realm }: Zone): never {
  throw refusal(plan, realm);
}

/** What stands for the hash of a user who is not there. */
function dummyFor({ zone, name, proofs }: Claim): string {
  const { dummies } = zone.plan;
  const text = `${zone.realm}\0${name}`;
  dummies.resize(Buffer.byteLength(text)).write(text);
  return dummies.digest('hex').slice(0, proofs.algorithm.digits);
}

function bodyHashOf({ sent, proofs }: Claim): Eventually<string> {
  const body = sent.hasBody ? sent.readBytes() : Buffer.alloc(0);
  return andThen(body, (bytes) => proofs.ofBytes(bytes));
}

/** Whether it is the target of the request after a scheme and the host: never a part of it (RFC 7616 3.4.6). */
function isAbsolute(uri: string, { target, headers }: Request): boolean {
  const [origin, authority = ''] = /^https?:\/\/([^/?#]*)/i.exec(uri) ?? [];
  const isOurs = origin !== undefined && authority.toLowerCase() === headers.get('host')?.toLowerCase();
  return isOurs && target.startsWith('/') && uri.slice(origin.length) === target;
}

/** What the throttle counts; the address is looked up when it asks for that. */
class DigestAttempt implements Attempt {
  readonly account: string;
  readonly #request: Request;

  constructor(account: string, request: Request) {
    this.account = account;
    this.#request = request;
  }

  get address(): string {
    return this.#request.peer.address;
  }
}

/** Shows clients that the server knows the password, too (RFC 7616 3.5). */
export const authenticationInfo: Middleware = (request, next) => andThen(next(request), inform, request);

function inform(response: Response, request: Request): Response {
  const info = request.get(DIGEST_LOGIN)?.info;
  if (info === undefined || response.status === 401 || Declined.brand in response) return response;
  // As toChange() does, with a call less in each request.
  const own = response.isStream ? response : response.with({});
  // What a forward was answered with has it already.
  own.headers.set('Authentication-Info', info);
  return own;
}

/** Digest authentication by RFC 7616, decided: challenges, and the check of what clients answer to them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ContextKey } from '../../context-key.js';
import { ObolError } from '../../errors.js';
import type { Guard } from '../../message/guard.js';
import { isPromise } from '../../message/handler.js';
import type { Request } from '../../message/request.js';
import { challengeLine, Unauthorized, type ChallengeParameter } from '../challenge.js';
import { digestOfBytes, type Algorithm } from './algorithm.js';
import { readCredentials, type DigestCredentials } from './credentials.js';
import { Nonces, type ReadNonce } from './nonce.js';
import { proofsOf } from './response.js';
import { planOf, type DigestOptions, type DigestPlan } from './settings.js';

/** Who was let in, and what the answer may tell him. */
export interface DigestLogin {
  readonly by: Digest;
  readonly realm: string;
  readonly user: string;
  /** For Authentication-Info. */
  readonly info: string;
}

/** Where the login of a request is kept. */
export const DIGEST_LOGIN = new ContextKey<DigestLogin>('digest login');

/** What a guard lets through: any user of a realm, or one. */
interface Zone {
  readonly realm: string;
  readonly user: string | undefined;
}

/** Credentials that could be right: meant for this zone and this request, with a nonce of ours. */
interface Claim {
  readonly request: Request;
  readonly zone: Zone;
  readonly credentials: DigestCredentials;
  readonly algorithm: Algorithm;
  readonly nonce: ReadNonce;
}

/** Digest authentication with one set of settings. Printing it shows none of them. */
export class Digest {
  readonly #plan: DigestPlan;
  readonly #nonces: Nonces;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: DigestOptions) {
    this.#plan = planOf(options);
    this.#nonces = new Nonces(this.#plan.nonceKey, { pinned: !this.#plan.nonceStore.isShared });
  }

  /**
   * A check that lets through any user of the realm, or the one named; `request.user` is the name then.
   * It throws 401 with challenges, 400 for a malformed header and 429 after too many failures.
   * @throws ObolError E_SETTING for a realm that cannot be, or one that nobody can log in to
   */
  guard(realm: string, user?: string): Guard {
    const zone = { realm: realm.normalize('NFC'), user: user?.normalize('NFC') };
    if (realm === '' || /[:\p{Cc}]/u.test(realm))
      throw new ObolError(
        'E_SETTING',
        `${JSON.stringify(realm)} is no realm: it needs text without colons and control characters.`,
      );
    const hashes = [...new Set(this.#plan.algorithms.map(({ hash }) => hash))];
    const complaint = this.#plan.users.complaint?.(zone.realm, hashes);
    if (complaint !== undefined) throw new ObolError('E_SETTING', complaint);
    return (request) => this.#check(request, zone);
  }

  #check(request: Request, zone: Zone): Eventually<void> {
    const login = request.get(DIGEST_LOGIN);
    // A nonce count is good once, but a class and its method may both ask.
    if (login?.by === this && login.realm === zone.realm) {
      if (zone.user !== undefined && login.user !== zone.user) this.#refuse(zone);
      return;
    }
    const claim = this.#claimOf(request, zone);
    return then(this.#nameOf(claim), (name) => this.#checkUser(claim, name));
  }

  /** All that can be told without knowing any user. */
  #claimOf(request: Request, zone: Zone): Claim {
    const credentials = readCredentials(request.headers) ?? this.#refuse(zone);
    const { realm, qop, uri, isHashed, response } = credentials;
    const algorithm =
      this.#plan.algorithms.find(({ name }) => name.toLowerCase() === credentials.algorithm) ??
      this.#refuse(zone);
    const isMeant =
      realm === zone.realm &&
      this.#plan.qops.includes(qop) &&
      isTargetOf(request, uri) &&
      (!isHashed || this.#plan.userhash) &&
      response.length === algorithm.digits;
    if (!isMeant) this.#refuse(zone);
    const nonce = this.#nonces.read(credentials.nonce, { realm, algorithm: algorithm.name });
    return { request, zone, credentials, algorithm, nonce: nonce ?? this.#refuse(zone) };
  }

  #nameOf({ zone, credentials, algorithm }: Claim): Eventually<string | undefined> {
    const { username, isHashed } = credentials;
    if (!isHashed) return username;
    return this.#plan.users.findHashed?.(zone.realm, username.toLowerCase(), algorithm.hash);
  }

  /** A name that nobody has takes the same way as any other, with a hash that no password gives. */
  #checkUser(claim: Claim, known: string | undefined): Eventually<void> {
    const { zone, credentials, algorithm } = claim;
    const name = known ?? credentials.username;
    const dummy = createHmac('sha256', this.#plan.dummyKey).update(`${zone.realm}\0${name}`).digest('hex');
    // Asked for a name that nobody has, too, as time would tell where users are in a database.
    const found = this.#plan.users.find(zone.realm, name, algorithm.hash);
    return then(found, (kept) => {
      const ha1 = known === undefined ? undefined : kept;
      const user = { name, ha1: ha1 ?? dummy.slice(0, algorithm.digits), isKnown: ha1 !== undefined };
      return then(this.#bodyHash(claim), (bodyHash) => this.#checkResponse(claim, user, bodyHash));
    });
  }

  #bodyHash({ request, credentials, algorithm }: Claim): Eventually<string | undefined> {
    if (credentials.qop === 'auth') return undefined;
    const body = request.hasBody ? request.readBytes() : Buffer.alloc(0);
    return then(body, (bytes) => digestOfBytes(algorithm.hash, bytes));
  }

  #checkResponse(claim: Claim, { name, ha1, isKnown }: ClaimedUser, bodyHash?: string): Eventually<void> {
    const { request, zone, credentials, algorithm } = claim;
    const { response, rspauth } = proofsOf(ha1, {
      ...credentials,
      algorithm,
      method: request.method,
      bodyHash,
    });
    const { throttle } = this.#plan;
    const attempt = { account: name, address: request.peer.address };
    const isRight = timingSafeEqual(Buffer.from(response, 'hex'), Buffer.from(credentials.response, 'hex'));
    // Of guesses that come all at once, no more are told than of those that come one by one: each asks when it is
    // decided, a wrong one by counting itself, and stores answer in the order in which they are asked.
    if (!isRight || !isKnown) return then(throttle?.fail(attempt), () => this.#refuse(zone));
    return then(throttle?.check(attempt), (isCounted) => {
      if (zone.user !== undefined && name !== zone.user) this.#refuse(zone);
      const clear = (): Eventually<void> => (isCounted ? throttle?.succeed(attempt) : undefined);
      return this.#enter(claim, { user: name, rspauth, clear });
    });
  }

  /** For a right answer. One that was sent before may have come from anybody, and clears no failures. */
  #enter(claim: Claim, { user, rspauth, clear }: Entrance): Eventually<void> {
    const { request, zone, credentials, nonce } = claim;
    const info = this.#infoFor(claim, rspauth);
    return then(this.#use(credentials, nonce), (isFresh) => {
      if (!isFresh) this.#refuse(zone, { isStale: true });
      return then(clear(), () => {
        request.user = user;
        request.set(DIGEST_LOGIN, { by: this, realm: zone.realm, user, info });
      });
    });
  }

  /** Whether the nonce is young enough, and its count new. */
  #use({ nonce, nc }: DigestCredentials, { issuedAt, isOurs }: ReadNonce): Eventually<boolean> {
    const { nonceStore, lifetime } = this.#plan;
    const count = parseInt(nc, 16);
    const age = Date.now() - issuedAt;
    // One from the future comes from a clock that is ahead; a little of that is no harm.
    if (!isOurs || count === 0 || age >= lifetime || age < -lifetime) return false;
    return nonceStore.use({ nonce, count, issuedAt, expiresAt: issuedAt + lifetime });
  }

  /** With a new nonce when this one is past the middle of its life, so that it need not end in a 401. */
  #infoFor({ zone, credentials, algorithm, nonce }: Claim, rspauth: string): string {
    const { cnonce, nc } = credentials;
    const parts = [`rspauth="${rspauth}"`, 'qop=auth', `cnonce=${quoted(cnonce)}`, `nc=${nc}`];
    if ((Date.now() - nonce.issuedAt) * 2 > this.#plan.lifetime) {
      const next = this.#nonces.issue({ realm: zone.realm, algorithm: algorithm.name });
      parts.push(`nextnonce="${next}"`);
    }
    return parts.join(', ');
  }

  #refuse({ realm }: Zone, { isStale = false } = {}): never {
    const { algorithms, qops, userhash } = this.#plan;
    const lines = algorithms.map(({ name }) => {
      const parameters: [string, ChallengeParameter][] = [
        ['realm', realm],
        ['qop', qops.join(', ')],
        ['algorithm', { token: name }],
        ['nonce', this.#nonces.issue({ realm, algorithm: name })],
        ['charset', { token: 'UTF-8' }],
      ];
      if (userhash) parameters.push(['userhash', { token: 'true' }]);
      if (isStale) parameters.push(['stale', { token: 'true' }]);
      return challengeLine('Digest', parameters);
    });
    throw new Unauthorized(lines);
  }
}

/** Whom the client says it is. */
interface ClaimedUser {
  readonly name: string;
  readonly ha1: string;
  readonly isKnown: boolean;
}

/** Who has proved who he is, and forgets his failures. */
interface Entrance {
  readonly user: string;
  readonly rspauth: string;
  readonly clear: () => Eventually<void>;
}

type Eventually<T> = T | Promise<T>;

/** Goes on at once where there is nothing to wait for. */
function then<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}

/** The very target of the request, or the same after scheme and host: never a part of it (RFC 7616 3.4.6). */
function isTargetOf({ target, headers }: Request, uri: string): boolean {
  if (uri === target) return true;
  const [origin, authority = ''] = /^https?:\/\/([^/?#]*)/i.exec(uri) ?? [];
  const isOurs = origin !== undefined && authority.toLowerCase() === headers.get('host')?.toLowerCase();
  return isOurs && target.startsWith('/') && uri.slice(origin.length) === target;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

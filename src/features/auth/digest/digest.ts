/** Digest authentication by RFC 7616, decided: challenges, and the check of what clients answer to them. */
import { timingSafeEqual } from 'node:crypto';
import { ContextKey } from '../../../ground/context-key.js';
import { ObolError } from '../../../ground/errors.js';
import { Hmac } from '../../../crypto/hmac.js';
import type { Guard } from '../../../message/guard.js';
import { andThen } from '../../../message/handler.js';
import type { Request } from '../../../message/request.js';
import type { Attempt } from '../../throttle/throttle.js';
import { challengeLine, Unauthorized, type ChallengeParameter } from '../challenge.js';
import { digestOfBytes, type Algorithm } from './algorithm.js';
import { readCredentials, type DigestCredentials } from './credentials.js';
import { Nonces, type ReadNonce } from './nonce.js';
import { ProvenNonces } from './proven-nonces.js';
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
export const DIGEST_LOGIN = new ContextKey<DigestLogin>('digest login', { ofView: true });

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
  /** Who was let in with this nonce before. */
  readonly user: string | undefined;
}

/** Digest authentication with one set of settings. Printing it shows none of them. */
export class Digest {
  readonly #plan: DigestPlan;
  readonly #nonces: Nonces;
  readonly #proven = new ProvenNonces();
  readonly #dummies = new Hmac();
  /** By name, in lower case. */
  readonly #algorithms: ReadonlyMap<string, Algorithm>;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: DigestOptions) {
    this.#plan = planOf(options);
    this.#algorithms = new Map(this.#plan.algorithms.map((each) => [each.name.toLowerCase(), each]));
    this.#dummies.useKey(this.#plan.dummyKey);
    this.#nonces = new Nonces(this.#plan.nonceKey, { pinned: !this.#plan.nonceStore.isShared });
  }

  /**
   * A check that lets through any user of the realm, or the one named; `request.user` is the name then.
   * It throws 401 with challenges, 400 for a malformed header and 429 after too many failures.
   * @throws ObolError E_SETTING for a realm that cannot be, or one that nobody can log in to
   */
  guard(realm: string, user?: string): Guard {
    if (typeof (realm as unknown) !== 'string' || realm === '' || /[:\p{Cc}]/u.test(realm))
      throw new ObolError(
        'E_SETTING',
        `${JSON.stringify(realm)} is no realm: it needs text without colons and control characters.`,
      );
    const zone = { realm: realm.normalize('NFC'), user: user?.normalize('NFC') };
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
    return andThen(this.#nameOf(claim), (name) => this.#checkUser(claim, name));
  }

  /** All that can be told without knowing any user. */
  #claimOf(request: Request, zone: Zone): Claim {
    const credentials = readCredentials(request.headers) ?? this.#refuse(zone);
    const algorithm = this.#algorithms.get(credentials.algorithm) ?? this.#refuse(zone);
    if (!this.#isMeant(credentials, request, zone)) this.#refuse(zone);
    if (credentials.response.length !== algorithm.digits) this.#refuse(zone);
    const purpose = { realm: zone.realm, algorithm: algorithm.name };
    const proven = this.#proven.find(credentials.nonce, purpose);
    const nonce = proven?.nonce ?? this.#nonces.read(credentials.nonce, purpose) ?? this.#refuse(zone);
    return { request, zone, credentials, algorithm, nonce, user: proven?.user };
  }

  /** Whether they are for this zone and this very request, in a way that was offered. */
  #isMeant({ realm, qop, uri, isHashed }: DigestCredentials, request: Request, zone: Zone): boolean {
    const { qops, userhash } = this.#plan;
    return realm === zone.realm && qops.includes(qop) && isTargetOf(request, uri) && (!isHashed || userhash);
  }

  #nameOf({ zone, credentials, algorithm }: Claim): Eventually<string | undefined> {
    const { username, isHashed } = credentials;
    if (!isHashed) return username;
    return this.#plan.users.findHashed?.(zone.realm, username.toLowerCase(), algorithm.hash);
  }

  /** A name that nobody has takes the same way as any other, with a hash that no password gives. */
  #checkUser(claim: Claim, known: string | undefined): Eventually<void> {
    const name = known ?? claim.credentials.username;
    // Made for those who are there, too, except for who has shown with this nonce that he is.
    const dummy = name === claim.user ? undefined : this.#dummyFor(claim, name);
    // Asked for a name that nobody has, too, as time would tell where users are in a database.
    const found = this.#plan.users.find(claim.zone.realm, name, claim.algorithm.hash);
    return andThen(found, (kept) => {
      const isKnown = known !== undefined && kept !== undefined;
      const user = { name, ha1: isKnown ? kept : (dummy ?? this.#dummyFor(claim, name)), isKnown };
      return andThen(this.#bodyHash(claim), (bodyHash) => this.#checkResponse(claim, user, bodyHash));
    });
  }

  /** What stands for the hash of a user who is not there. */
  #dummyFor({ zone, algorithm }: Claim, name: string): string {
    const text = `${zone.realm}\0${name}`;
    this.#dummies.resize(Buffer.byteLength(text)).write(text);
    return this.#dummies.digest('hex').slice(0, algorithm.digits);
  }

  #bodyHash({ request, credentials, algorithm }: Claim): Eventually<string | undefined> {
    if (credentials.qop === 'auth') return undefined;
    const body = request.hasBody ? request.readBytes() : Buffer.alloc(0);
    return andThen(body, (bytes) => digestOfBytes(algorithm.hash, bytes));
  }

  #checkResponse(claim: Claim, { name, ha1, isKnown }: ClaimedUser, bodyHash?: string): Eventually<void> {
    const { request, zone, credentials, algorithm } = claim;
    const known = { algorithm, method: request.method, bodyHash };
    const { response, rspauth } = proofsOf(ha1, credentials, known);
    const { throttle } = this.#plan;
    const attempt = new DigestAttempt(name, request);
    const isRight = timingSafeEqual(Buffer.from(response, 'hex'), Buffer.from(credentials.response, 'hex'));
    // Of guesses that come all at once, no more are told than of those that come one by one: each asks when it is
    // decided, a wrong one by counting itself, and stores answer in the order in which they are asked.
    if (!isRight || !isKnown) return andThen(throttle?.fail(attempt), () => this.#refuse(zone));
    return andThen(throttle?.check(attempt), (isCounted) => {
      if (zone.user !== undefined && name !== zone.user) this.#refuse(zone);
      const clear = (): Eventually<void> => (isCounted ? throttle?.succeed(attempt) : undefined);
      return this.#enter(claim, { user: name, rspauth, clear });
    });
  }

  /** For a right answer. One that was sent before may have come from anybody, and clears no failures. */
  #enter(claim: Claim, { user, rspauth, clear }: Entrance): Eventually<void> {
    const { request, zone, credentials, algorithm, nonce } = claim;
    const info = this.#infoFor(claim, rspauth);
    return andThen(this.#use(credentials, nonce), (isFresh) => {
      if (!isFresh) this.#refuse(zone, { isStale: true });
      if (claim.user !== user)
        this.#proven.add(credentials.nonce, { nonce, realm: zone.realm, algorithm: algorithm.name, user });
      return andThen(clear(), () => {
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
    const info = `rspauth="${rspauth}", qop=auth, cnonce=${quoted(cnonce)}, nc=${nc}`;
    if ((Date.now() - nonce.issuedAt) * 2 <= this.#plan.lifetime) return info;
    return `${info}, nextnonce="${this.#nonces.issue({ realm: zone.realm, algorithm: algorithm.name })}"`;
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

type Eventually<T> = T | Promise<T>;

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

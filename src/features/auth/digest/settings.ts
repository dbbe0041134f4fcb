/** The settings of digest authentication, checked and made into what every request needs. */
import { didYouMean, ObolError } from '../../../ground/errors.js';
import { Throttle } from '../../throttle/throttle.js';
import { ALGORITHMS, type Algorithm, type DigestAlgorithm, type DigestHash } from './algorithm.js';
import { PasswordHashMap } from '../passwords/password-hash-map.js';
import { Nonces, type NoncePurpose, type ReadNonce } from './nonce.js';
import { memoryNonceStore, type NonceStore } from './nonce-store.js';
import { Proofs, type Qop } from './proofs.js';
import { Hmac } from '../../../crypto/hmac.js';
import { derivedKey, secretKeyFrom } from '../../../crypto/secret-key.js';
import { assertCount } from '../../../ground/whole-number.js';

/** Who may log in: a `PasswordMap`, or anything else that knows what `hexdigest` gave. */
export interface DigestUsers {
  /** What `hexdigest(user, realm, password, hash)` gave; undefined for a user who is not there. */
  find(realm: string, user: string, hash: DigestHash): string | undefined | Promise<string | undefined>;
  /** The user whose `hash(user:realm)` this is; needed for `authUserhash`. */
  findHashed?(
    realm: string,
    userhash: string,
    hash: DigestHash,
  ): string | undefined | Promise<string | undefined>;
  /** Says at bootstrap why nobody can log in to a realm with any of these; undefined when somebody can. */
  complaint?(realm: string, hashes: readonly DigestHash[]): string | undefined;
}

export interface DigestOptions {
  /** At least 32 random bytes, the same in every process; nonces are made with it. */
  readonly secretKey: string | Uint8Array;
  readonly authMap: DigestUsers;
  /** Nothing else is known here. */
  readonly authType?: 'Digest' | undefined;
  /**
   * One, or several for clients of different age: they are offered strongest first. Default `SHA-256`. Python's urllib knows
   * `MD5` alone, and fails where anything else is offered beside it.
   */
  readonly authAlgorithm?: DigestAlgorithm | readonly DigestAlgorithm[] | undefined;
  /** `auth-int` protects the body, too, which is then read whole, up to `json.limit`, before the guard is passed. Default `auth`. */
  readonly authQop?: Qop | readonly Qop[] | undefined;
  /** Seconds for which a nonce is good; then clients get another without asking for the password. Default 300. */
  readonly authTimeout?: number | undefined;
  /** Asks clients to send a hash in place of the user name. Default false. */
  readonly authUserhash?: boolean | undefined;
  /** Which nonces were used how often. Default the memory of this process. */
  readonly nonceStore?: NonceStore | undefined;
  /**
   * How often somebody may be wrong; `false` for any number of times. Default 100 times in five minutes, which are five
   * minutes to wait.
   */
  readonly throttle?: Throttle | false | undefined;
}

/** What is decided once, and what is remembered. */
export interface DigestPlan {
  readonly users: DigestUsers;
  /** Strongest first. */
  readonly algorithms: readonly Algorithm[];
  readonly qops: readonly Qop[];
  /** Milliseconds. */
  readonly lifetime: number;
  readonly userhash: boolean;
  readonly nonces: Nonces;
  readonly nonceStore: NonceStore;
  readonly throttle: Throttle | undefined;
  /** By the name of the algorithm, in lower case. */
  readonly proofs: ReadonlyMap<string, Proofs>;
  /** Makes what stands for the passwords of users who are not there. */
  readonly dummies: Hmac;
  /** Nonces with which a right response came, in the memory of this process: one that is not there is only slower. */
  readonly proven: Map<string, ProvenNonce>;
}

/** A nonce, and who was let in with it. */
export interface ProvenNonce extends ReadNonce, NoncePurpose {
  readonly user: string;
}

const QOPS: readonly Qop[] = ['auth', 'auth-int'];
const TIMEOUT = 300;
/** Clients try what they remember before they ask, and several at once. */
const DEFAULT_LIMITS = { failures: 100, window: 300, block: 300 };

/** @throws ObolError E_SETTING for a wrong option */
export function planOf(options: DigestOptions): DigestPlan {
  const secret = secretKeyFrom('secretKey', options.secretKey);
  const {
    authTimeout = TIMEOUT,
    authUserhash: userhash = false,
    nonceStore = memoryNonceStore(),
    throttle,
  } = options;
  assertCount('authTimeout', authTimeout, 'seconds');
  if (![undefined, 'Digest'].includes(options.authType))
    throw wrong(`authType: ${JSON.stringify(options.authType)} is not "Digest".`);
  const algorithms = algorithmsOf(options.authAlgorithm ?? 'SHA-256');
  return {
    users: usersOf(options.authMap, userhash),
    algorithms,
    qops: qopsOf(options.authQop ?? 'auth'),
    lifetime: authTimeout * 1000,
    userhash,
    nonces: new Nonces(derivedKey(secret, 'digest nonce'), { pinned: !nonceStore.isShared }),
    nonceStore,
    throttle: throttle === false ? undefined : (throttle ?? new Throttle(DEFAULT_LIMITS)),
    proofs: new Map(algorithms.map((each) => [each.name.toLowerCase(), new Proofs(each)])),
    dummies: new Hmac().useKey(derivedKey(secret, 'digest user')),
    proven: new Map(),
  };
}

function usersOf(users: DigestUsers | undefined, userhash: boolean): DigestUsers {
  if (typeof users?.find !== 'function')
    throw wrong('authMap: it is no PasswordMap, nor anything else with a method find(realm, user, hash).');
  if (users instanceof PasswordHashMap)
    throw wrong(
      'authMap: a PasswordHashMap is for Basic authentication and forms; digest needs the hashes of a PasswordMap.',
    );
  if (userhash && !users.findHashed)
    throw wrong(
      'authUserhash: authMap has no method findHashed(realm, userhash, hash), as a PasswordMap has.',
    );
  return users;
}

function algorithmsOf(names: DigestAlgorithm | readonly DigestAlgorithm[]): readonly Algorithm[] {
  const algorithms = [...new Set([names].flat().map(algorithmOf))].sort((a, b) => b.strength - a.strength);
  if (algorithms.length === 0) throw wrong('authAlgorithm: there is none; name one, such as "SHA-256".');
  const long = new Set(algorithms.filter(({ digits }) => digits === 64).map(({ hash }) => hash));
  if (long.size > 1)
    throw wrong(
      'authAlgorithm: in a password file, hashes of SHA-256 and of SHA-512-256 look alike; offer one of the two.',
    );
  return algorithms;
}

function algorithmOf(name: unknown): Algorithm {
  const algorithm = ALGORITHMS.get(String(name).toLowerCase());
  if (algorithm) return algorithm;
  const known = [...ALGORITHMS.values()].map((each) => each.name);
  throw wrong(
    `authAlgorithm: ${JSON.stringify(name)} is not one of ${known.join(', ')}.${didYouMean(String(name), known)}`,
  );
}

/** Without any, it would be the digest of RFC 2069, which anyone can replay. */
function qopsOf(given: Qop | readonly Qop[]): readonly Qop[] {
  const qops = [...new Set([given].flat())];
  const bad = qops.find((qop) => !QOPS.includes(qop));
  if (qops.length > 0 && bad === undefined) return qops;
  throw wrong(`authQop: ${JSON.stringify(bad ?? given)} is not "auth" or "auth-int".`);
}

function wrong(message: string): ObolError {
  return new ObolError('E_SETTING', message);
}

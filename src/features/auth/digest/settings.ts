/** The settings of digest authentication, checked and made into what every request needs. */
import { createHmac } from 'node:crypto';
import {
  checkOptions,
  keyBytes,
  ObolError,
  rule,
  type Rule,
  type Rules,
  SECRET_KEY_RULES,
  withSecretKey,
} from '../../../kit.js';
import { THROTTLE_RULE } from '../../throttle/options.js';
import { Throttle } from '../../throttle/throttle.js';
import { ALGORITHMS, type Algorithm, type DigestAlgorithm, type DigestHash } from './algorithm.js';
import { PasswordHashMap } from '../passwords/password-hash-map.js';
import { Hmac } from './hmac.js';
import { Nonces, type NoncePurpose, type ReadNonce } from './nonce.js';
import { memoryNonceStore, type NonceStore } from './nonce-store.js';
import { Proofs, type Qop } from './proofs.js';

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
  /** Says at bootstrap why no user can log in to a realm with any of these; undefined when one can. */
  complaint?(realm: string, hashes: readonly DigestHash[]): string | undefined;
}

export interface DigestOptions {
  /** At least 32 random bytes, the same in every process; nonces are made with it. `OBOL_SECRET_KEY` wins over it, and is the default. */
  readonly secretKey?: string | Uint8Array;
  readonly authMap: DigestUsers;
  /** Default `Digest`; nothing else is known here. */
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
   * How often a client may be wrong; `false` for any number of times. Default 100 times in five minutes, which are five
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

const TIMEOUT = 300;
/** Clients try what they remember before they ask, and several at once. */
const DEFAULT_LIMITS = { failures: 100, window: 300, block: 300 };

const MAP_RULE = rule.methods(['find'], 'a PasswordMap, or what can find(realm, user, hash)');
const KNOWN_RULE = rule.oneOf(...([...ALGORITHMS.values()].map(({ name }) => name) as [string]));
const algorithmRule: Rule = (name, place) => (findAlgorithm(name) ? undefined : KNOWN_RULE(name, place));

const RULES: Rules<DigestOptions & Required<Pick<DigestOptions, 'secretKey'>>> = {
  secretKey: rule.needed(SECRET_KEY_RULES.one),
  authMap: rule.needed((users, place) =>
    users instanceof PasswordHashMap
      ? `${place}: a PasswordHashMap is for Basic authentication and forms; digest needs the hashes of a PasswordMap.`
      : MAP_RULE(users, place),
  ),
  authType: rule.oneOf('Digest'),
  authAlgorithm: rule.oneOrMore('an algorithm, such as "SHA-256"', algorithmRule),
  // Without any, it would be the digest of RFC 2069, which any listener can replay.
  authQop: rule.oneOrMore('"auth" or "auth-int"', rule.oneOf('auth', 'auth-int')),
  authTimeout: rule.whole('seconds'),
  authUserhash: rule.flag,
  nonceStore: rule.methods(['use'], 'a NonceStore, such as redisNonceStore(connection)'),
  throttle: THROTTLE_RULE,
};

/** @throws ObolError E_SETTING for a wrong option */
export function planOf(given: DigestOptions): DigestPlan {
  const options = withSecretKey(given, (secretKey) => ({ secretKey }));
  checkOptions('digest', options, RULES);
  const secret = keyBytes(options.secretKey);
  const {
    authMap: users,
    authTimeout = TIMEOUT,
    authUserhash: userhash = false,
    nonceStore = memoryNonceStore(),
    throttle,
  } = options;
  if (userhash && !users.findHashed)
    throw new ObolError(
      'E_SETTING',
      'digest.authUserhash: authMap has no method findHashed(realm, userhash, hash), as a PasswordMap has.',
    );
  const algorithms = algorithmsOf(options.authAlgorithm ?? 'SHA-256');
  return {
    users,
    algorithms,
    qops: [...new Set([options.authQop ?? 'auth'].flat())],
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

/** A key for one purpose, from which the secret cannot be found. */
function derivedKey(secret: Buffer, purpose: string): Buffer {
  return createHmac('sha256', secret).update(`obol ${purpose}`).digest();
}

function algorithmsOf(names: DigestAlgorithm | readonly DigestAlgorithm[]): readonly Algorithm[] {
  const algorithms = [...new Set([names].flat().flatMap((name) => findAlgorithm(name) ?? []))];
  const long = new Set(algorithms.filter(({ digits }) => digits === 64).map(({ hash }) => hash));
  if (long.size > 1)
    throw new ObolError(
      'E_SETTING',
      'digest.authAlgorithm: in a password file, hashes of SHA-256 and of SHA-512-256 look alike; offer one of the two.',
    );
  return algorithms.sort((a, b) => b.strength - a.strength);
}

function findAlgorithm(name: unknown): Algorithm | undefined {
  return ALGORITHMS.get(String(name).toLowerCase());
}

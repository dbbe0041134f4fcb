/** Hashes of passwords that are slow on purpose, as PHC strings: scrypt, and argon2id where Node has it (24.7 and later). */
import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { assertSetting, ObolError, rule, type Rule } from '../../../kit.js';
import { Slots } from '../../processes/slots.js';
import { parsePhc, phcText, type PhcHash } from './phc-string.js';

export interface PasswordHashOptions {
  /** Default argon2id where this Node has it, else scrypt. */
  readonly algorithm?: 'scrypt' | 'argon2id' | undefined;
}

/** What the types of Node 20 leave out. */
type Argon2 = (
  algorithm: 'argon2id',
  parameters: {
    readonly message: Uint8Array;
    readonly nonce: Uint8Array;
    readonly parallelism: number;
    readonly tagLength: number;
    readonly memory: number;
    readonly passes: number;
  },
  callback: (error: Error | null, tag: Buffer) => void,
) => void;

/** Bytes. */
const SALT = 16;
const TAG = 32;
/** Bytes of a password; a longer one is never right. */
const MAX_PASSWORD = 1024;
/** Today's cost: 96 MiB-passes of scrypt (N = 2^15, r = 8, p = 3), 19 MiB twice of argon2id. */
const SCRYPT = { ln: 15, r: 8, p: 3 } as const;
const ARGON2 = { m: 19_456, t: 2, p: 1 } as const;

/** The thread pool of Node has four threads. */
const turns = new Slots(4, 64, 'Too many log-ins at once');
const argon2 = (crypto as unknown as { readonly argon2?: Argon2 }).argon2;
const scrypt = promisify<crypto.BinaryLike, crypto.BinaryLike, number, crypto.ScryptOptions, Buffer>(
  crypto.scrypt,
);

/**
 * A PHC string for a new password, with a salt of its own.
 * @throws ObolError E_PASSWORD for one that is empty or longer than 1,024 bytes, E_SETTING for an algorithm that this
 * Node has not; HttpError 503 when too many log in at once
 */
export async function hashPassword(password: string, options: PasswordHashOptions = {}): Promise<string> {
  const bytes = bytesOf(password);
  if (bytes.length === 0 || bytes.length > MAX_PASSWORD)
    throw new ObolError('E_PASSWORD', `A password has 1 to ${String(MAX_PASSWORD)} bytes.`);
  const hash = blankHash(options);
  return phcText({ ...hash, tag: await tagOf(bytes, hash) });
}

/** A hash of no password at all, for users who are not there: checking one takes as long as checking any made today. */
export function standInHash(options: PasswordHashOptions = {}): string {
  return phcText({ ...blankHash(options), tag: crypto.randomBytes(TAG) });
}

/** The same, where checking it takes as long as checking another hash does, which may have been made long ago. */
export function standInHashLike(phc: string): string | undefined {
  const hash = parsePhc(phc);
  return (
    hash && phcText({ ...hash, salt: crypto.randomBytes(SALT), tag: crypto.randomBytes(hash.tag.length) })
  );
}

const KNOWN_RULE = rule.oneOf('scrypt', 'argon2id');

/** Of an algorithm that this Node has. */
export const ALGORITHM_RULE: Rule = (algorithm, name) =>
  algorithm === 'argon2id' && !argon2
    ? `${name}: this Node has no argon2id; use scrypt, or Node 24.7 or later.`
    : KNOWN_RULE(algorithm, name);

/** What a hash is made with today. @throws ObolError E_SETTING for an algorithm that this Node has not */
function blankHash({ algorithm = argon2 ? 'argon2id' : 'scrypt' }: PasswordHashOptions): PhcHash {
  assertSetting('algorithm', algorithm, ALGORITHM_RULE);
  const blank = { salt: crypto.randomBytes(SALT), tag: Buffer.alloc(TAG) };
  return algorithm === 'scrypt'
    ? { algorithm, parameters: SCRYPT, ...blank }
    : { algorithm, parameters: ARGON2, ...blank };
}

/**
 * Whether a password is the one that was hashed.
 * @returns false, too, for a string that is no hash, and for one that this Node cannot make
 * @throws HttpError 503 when too many log in at once
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const hash = parsePhc(phc);
  const bytes = bytesOf(password);
  if (!hash || !isCheckable(phc) || bytes.length > MAX_PASSWORD) return false;
  return crypto.timingSafeEqual(await tagOf(bytes, hash), hash.tag);
}

/** Whether this Node can check a hash. */
export function isCheckable(phc: string): boolean {
  const hash = parsePhc(phc);
  return hash !== undefined && (hash.algorithm === 'scrypt' || argon2 !== undefined);
}

/** Whether a hash costs less than one made today would, or is made in another way. */
export function isOutdated(phc: string, options: PasswordHashOptions = {}): boolean {
  const hash = parsePhc(phc);
  const today = blankHash(options);
  return hash?.algorithm !== today.algorithm || costOf(hash) < costOf(today);
}

function costOf(hash: PhcHash): number {
  if (hash.algorithm === 'argon2id') return hash.parameters.m * hash.parameters.t;
  const { ln, r, p } = hash.parameters;
  return 2 ** ln * r * p;
}

function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize('NFC'));
}

async function tagOf(password: Buffer, hash: PhcHash): Promise<Buffer> {
  await turns.take();
  try {
    return await (hash.algorithm === 'scrypt' ? scryptTag(password, hash) : argon2Tag(password, hash));
  } finally {
    turns.release();
  }
}

function scryptTag(
  password: Buffer,
  { parameters, salt, tag }: PhcHash & { algorithm: 'scrypt' },
): Promise<Buffer> {
  const { ln, r, p } = parameters;
  const N = 2 ** ln;
  // OpenSSL counts N and p blocks of 128 r bytes, and a little besides.
  return scrypt(password, salt, tag.length, { N, r, p, maxmem: 128 * r * (N + p + 4) });
}

function argon2Tag(
  password: Buffer,
  { parameters, salt, tag }: PhcHash & { algorithm: 'argon2id' },
): Promise<Buffer> {
  const { m: memory, t: passes, p: parallelism } = parameters;
  return new Promise((resolve, reject) => {
    argon2?.(
      'argon2id',
      { message: password, nonce: salt, parallelism, tagLength: tag.length, memory, passes },
      (error, result) => {
        if (error) reject(error);
        else resolve(result);
      },
    );
  });
}

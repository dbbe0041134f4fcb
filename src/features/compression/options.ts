/** The options of compression, checked and made into what every response needs. */
import { didYouMean, ObolError } from '../../ground/errors.js';
import type { Request } from '../../message/request.js';
import type { Response } from '../../message/response.js';
import { createEncoder, LEVELS, type Coding, type Encoder } from './codings.js';
import { typeTest, type CompressibleTypes } from './compressible.js';
import { padGzip } from './padding.js';

export interface CompressionOptions {
  /**
   * The codings to offer; of those that a client likes equally, the first. One that this Node does not know (zstd before
   * 22.15) is left out. Default br, zstd, gzip, deflate; with `padding` gzip alone.
   */
  readonly encodings?: readonly Coding[] | undefined;
  /** Default br 4 (of 0 to 11), gzip and deflate 6 (of 0 to 9), zstd 3 (of 1 to 22). */
  readonly levels?: Readonly<Partial<Record<Coding, number>>> | undefined;
  /** Content known to have fewer bytes is sent as it is. Default 1,024. */
  readonly threshold?: number | undefined;
  /** What is worth it, in place of the default: see {@link isCompressible}. */
  readonly types?: CompressibleTypes | undefined;
  /**
   * Streams: sends each chunk at once, as is always done for `text/event-stream`. Default false: chunks are gathered until
   * the source pauses for 20 milliseconds.
   */
  readonly flush?: boolean | undefined;
  /**
   * Compresses what sets a cookie, too. Default false: where a page holds a secret and text that somebody else can choose,
   * its length tells the secret (BREACH), and pages with sessions are those that hold secrets.
   */
  readonly cookies?: boolean | undefined;
  /** Adds 1 to 64 random bytes, which makes BREACH more work and does not stop it. Gzip only. Default false. */
  readonly padding?: boolean | undefined;
  /** Asked about each response that would be compressed: true to send it as it is. */
  readonly skip?: ((request: Request, response: Response) => boolean) | undefined;
}

/** What is decided once. */
export interface Plan {
  readonly encoders: readonly Encoder[];
  readonly threshold: number;
  readonly flush: boolean;
  readonly cookies: boolean;
  readonly isWorthIt: (contentType: string) => boolean;
  readonly skip: (request: Request, response: Response) => boolean;
}

const CODINGS: readonly Coding[] = ['br', 'zstd', 'gzip', 'deflate'];
const THRESHOLD = 1024;
const never = (): boolean => false;

/** @throws ObolError E_SETTING for a wrong option */
export function planOf(options: CompressionOptions): Plan {
  const { levels = {}, padding = false, threshold = THRESHOLD, flush = false, cookies = false } = options;
  if (!Number.isSafeInteger(threshold) || threshold < 0)
    throw wrong(`threshold: ${String(threshold)} is not a whole number of bytes, 0 or more.`);
  for (const name of Object.keys(levels)) checkCoding(name, 'levels');
  const codings = codingsOf(options.encodings, padding);
  const opening = padding ? padGzip : undefined;
  const encoders = codings.flatMap(
    (coding) => createEncoder(coding, levelOf(coding, levels[coding]), opening) ?? [],
  );
  return {
    encoders,
    threshold,
    flush,
    cookies,
    isWorthIt: typeTest(options.types),
    skip: options.skip ?? never,
  };
}

function codingsOf(encodings: readonly string[] | undefined, padding: boolean): readonly Coding[] {
  if (encodings === undefined) return padding ? ['gzip'] : CODINGS;
  const codings = [...new Set(encodings)].map((name) => checkCoding(name, 'encodings'));
  if (codings.length === 0) throw wrong('encodings: there is none; name one, or leave compression out.');
  const other = codings.find((coding) => coding !== 'gzip');
  if (padding && other !== undefined)
    throw wrong(`padding: only gzip can be padded, and encodings has "${other}"; leave one of the two out.`);
  return codings;
}

function checkCoding(name: unknown, option: string): Coding {
  const known: readonly unknown[] = CODINGS;
  if (known.includes(name)) return name as Coding;
  throw wrong(
    `${option}: ${JSON.stringify(name)} is not one of ${CODINGS.join(', ')}.${didYouMean(String(name), CODINGS)}`,
  );
}

function levelOf(coding: Coding, level?: number): number {
  const { least, most, usual } = LEVELS[coding];
  if (level === undefined) return usual;
  if (Number.isInteger(level) && level >= least && level <= most) return level;
  throw wrong(
    `levels: ${coding} has no level ${String(level)}; use a whole number from ${String(least)} to ${String(most)}.`,
  );
}

function wrong(message: string): ObolError {
  return new ObolError('E_SETTING', message);
}

/** The options of compression, checked and made into what every response needs. */
import { checkOptions, ObolError, type Request, type Response, rule, type Rules } from '../../kit.js';
import { createEncoder, LEVELS, type Coding, type Encoder } from './codings.js';
import { TYPES_RULE, typeTest, type CompressibleTypes } from './compressible.js';
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
  /** What is worth it, as media types or a test of them. Default text, JSON, XML, scripts and the like. */
  readonly types?: CompressibleTypes | undefined;
  /**
   * Streams: sends each chunk at once, as is always done for `text/event-stream`. Default false: chunks are gathered until
   * the source pauses for 20 milliseconds.
   */
  readonly flush?: boolean | undefined;
  /**
   * Compresses what sets a cookie, too. Default false: where a page holds a secret and text that an attacker can choose,
   * its length gives the secret away (BREACH), and pages with sessions are those that hold secrets.
   */
  readonly cookies?: boolean | undefined;
  /** Adds 1 to 64 random bytes, which makes BREACH more work and does not stop it. Gzip only. Default false. */
  readonly padding?: boolean | undefined;
  /** Asked about each response that would be compressed: true to send it as it is. Default never. */
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

const CODINGS = ['br', 'zstd', 'gzip', 'deflate'] as const satisfies readonly Coding[];
const THRESHOLD = 1024;
const never = (): boolean => false;

const RULES: Rules<CompressionOptions> = {
  encodings: rule.list('a list of codings', rule.oneOf(...CODINGS), 1),
  levels: rule.options<Partial<Record<Coding, number>>>({
    br: rule.whole('', LEVELS.br),
    zstd: rule.whole('', LEVELS.zstd),
    ...rule.each(['gzip', 'deflate'], rule.whole('', LEVELS.gzip)),
  }),
  threshold: rule.whole('bytes', { least: 0 }),
  types: TYPES_RULE,
  ...rule.each(['flush', 'cookies', 'padding'], rule.flag),
  skip: rule.callable('(request, response) => boolean'),
};

/** @throws ObolError E_SETTING for a wrong option */
export function planOf(options: CompressionOptions): Plan {
  checkOptions('compression', options, RULES);
  const { levels = {}, padding = false, threshold = THRESHOLD, flush = false, cookies = false } = options;
  const opening = padding ? padGzip : undefined;
  const encoders = codingsOf(options.encodings, padding).flatMap(
    (coding) => createEncoder(coding, levels[coding] ?? LEVELS[coding].usual, opening) ?? [],
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

function codingsOf(encodings: readonly Coding[] | undefined, padding: boolean): readonly Coding[] {
  if (encodings === undefined) return padding ? ['gzip'] : CODINGS;
  const other = encodings.find((coding) => coding !== 'gzip');
  if (padding && other !== undefined)
    throw new ObolError(
      'E_SETTING',
      `compression.padding: only gzip can be padded, and encodings has "${other}"; leave one of the two out.`,
    );
  return [...new Set(encodings)];
}

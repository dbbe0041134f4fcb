/** PHC strings, `$name$parameters$salt$hash`: how a slow hash is kept together with all it takes to make it again. */

interface Common {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** A hash taken apart. */
export type PhcHash = Common &
  (
    | {
        readonly algorithm: 'scrypt';
        readonly parameters: { readonly ln: number; readonly r: number; readonly p: number };
      }
    | {
        readonly algorithm: 'argon2id';
        /** Memory in KiB, passes, lanes. */
        readonly parameters: { readonly m: number; readonly t: number; readonly p: number };
      }
  );

const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z\d+/]{11,64})\$([A-Za-z\d+/]{22,86})$/;
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z\d+/]{11,64})\$([A-Za-z\d+/]{22,86})$/;

/** Up to these a check takes seconds at most and memory that a server can spare. */
const MAX_SCRYPT_BLOCKS = 2 ** 20 * 8;
const MAX_ARGON2_MEMORY = 2 ** 20;

/** Takes a PHC string apart. @returns undefined for other text, and for parameters beyond reason */
export function parsePhc(text: string): PhcHash | undefined {
  const [, ln, r, p, ...rest] = SCRYPT.exec(text) ?? [];
  if (ln !== undefined) {
    const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
    const work = 2 ** parameters.ln * parameters.r * parameters.p;
    const isSane = parameters.ln > 0 && work > 0 && work <= MAX_SCRYPT_BLOCKS;
    return isSane ? { algorithm: 'scrypt', parameters, ...bytesOf(rest) } : undefined;
  }
  const [, m, t, lanes, ...others] = ARGON2ID.exec(text) ?? [];
  if (m === undefined) return undefined;
  const parameters = { m: Number(m), t: Number(t), p: Number(lanes) };
  const isSane = parameters.t > 0 && parameters.p > 0 && parameters.m >= 8 * parameters.p;
  if (!isSane || parameters.m > MAX_ARGON2_MEMORY) return undefined;
  return { algorithm: 'argon2id', parameters, ...bytesOf(others) };
}

/** The text of a hash. */
export function phcText(hash: PhcHash): string {
  const parameters = Object.entries(hash.parameters).map(([name, value]) => `${name}=${String(value)}`);
  const head = hash.algorithm === 'scrypt' ? '$scrypt' : '$argon2id$v=19';
  return [head, parameters.join(','), base64(hash.salt), base64(hash.tag)].join('$');
}

function bytesOf([salt = '', tag = '']: readonly string[]): Common {
  return { salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

/** Without padding, as the format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

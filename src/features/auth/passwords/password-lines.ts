/** The lines of a password file: `name:secret`, where one that cannot be read never costs the others. */

/** What stands in the lines of one kind of file. */
export interface LineFormat {
  /** For messages, such as `user:realm:hash`. */
  readonly shape: string;
  /** Whether the part before the last colon is a name. */
  readonly isName: (name: string) => boolean;
  /** The kind of secret that the last part is, of which a name has one at most; undefined for what is no secret. */
  readonly kindOf: (secret: string) => string | undefined;
}

interface Line {
  /** In NFC. */
  readonly name: string;
  readonly secret: string;
  readonly kind: string;
}

export interface ReadLines {
  readonly records: Map<string, readonly string[]>;
  /** Each follows the name of the file in a message. They quote nothing of a line, since it may be a password. */
  readonly problems: string[];
}

const MAX_PROBLEMS = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a whole file. Of two secrets of one kind the first counts. @param text its bytes as characters */
export function readLines(text: string, format: LineFormat): ReadLines {
  const records = new Map<string, string[]>();
  const problems: string[] = [];
  const kinds = new Set<string>();
  let bad = 0;
  const complain = (index: number, what: string): void => {
    if (++bad <= MAX_PROBLEMS) problems.push(`, line ${String(index + 1)} ${what}; it is left out`);
  };
  for (const [index, raw] of text.split('\n').entries()) {
    if (isSilent(raw)) continue;
    const line = readLine(raw, format);
    if (!line) complain(index, `is not ${format.shape}`);
    else if (kinds.has(`${line.kind}:${line.name}`)) complain(index, 'names a user a second time');
    else {
      kinds.add(`${line.kind}:${line.name}`);
      records.set(line.name, [...(records.get(line.name) ?? []), line.secret]);
    }
  }
  if (bad > MAX_PROBLEMS) problems.push(`, and ${String(bad - MAX_PROBLEMS)} more lines`);
  return { records, problems };
}

/**
 * The same text with other secrets for some names; none takes the name away. All other lines stay as they are.
 * @param text bytes as characters, as the result is
 */
export function changedLines(
  text: string,
  changes: ReadonlyMap<string, readonly string[]>,
  format: LineFormat,
): string {
  const missing = new Map(changes);
  const lines = text.split('\n').flatMap((raw) => {
    const name = isSilent(raw) ? undefined : readLine(raw, format)?.name;
    if (name === undefined || !changes.has(name)) return [raw];
    const written = missing.get(name) ?? [];
    missing.delete(name);
    return written.map((secret) => writeLine(name, secret));
  });
  if (lines.at(-1) === '') lines.pop();
  for (const [name, secrets] of missing) lines.push(...secrets.map((secret) => writeLine(name, secret)));
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a line with these would be read as what it is, and not as a comment or as another user. */
export function canBeWritten(name: string, secret: string, format: LineFormat): boolean {
  const raw = writeLine(name, secret);
  const line = isSilent(raw) ? undefined : readLine(raw, format);
  return line?.name === name && line.secret === secret;
}

/** Empty, or a comment. */
function isSilent(raw: string): boolean {
  return /^[ \t\r]*(?:#|$)/.test(raw);
}

function readLine(raw: string, { isName, kindOf }: LineFormat): Line | undefined {
  const text = decode(raw.endsWith('\r') ? raw.slice(0, -1) : raw)?.normalize('NFC');
  if (text === undefined || /\p{Cc}/u.test(text)) return undefined;
  const colon = text.lastIndexOf(':');
  const name = text.slice(0, Math.max(0, colon));
  const secret = text.slice(colon + 1);
  const kind = kindOf(secret);
  return kind === undefined || !isName(name) ? undefined : { name, secret, kind };
}

function writeLine(name: string, secret: string): string {
  return Buffer.from(`${name}:${secret}`).toString('latin1');
}

function decode(bytes: string): string | undefined {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

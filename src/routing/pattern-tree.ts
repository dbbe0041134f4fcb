/** Reads a regular expression as a tree of what its cost depends on: what repeats, what is chosen, and what takes a character. */

/** A piece of a pattern. */
export type Piece =
  /** Takes one character: `a`, `\d`, `[a-z]`, as it is written. */
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'list' | 'choice'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'repeat'; readonly piece: Piece; readonly least: number; readonly most: number }
  /** Looks ahead or behind, and takes nothing. */
  | { readonly kind: 'look'; readonly piece: Piece; readonly isBehind: boolean }
  /** Takes what a group has taken. */
  | { readonly kind: 'again'; readonly group: string };

/** A pattern, read. */
export interface PatternTree {
  readonly root: Piece;
  /** The capturing groups by number and by name; of several with one name, any of them. */
  readonly groups: ReadonlyMap<string, Piece>;
}

const NOTHING: Piece = { kind: 'list', pieces: [] };
const GROUP = /\((?:\?(?:(?<look><?[=!])|<(?<name>[^>]*)>|(?<modifiers>[a-z-]*):))?/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;
const ESCAPE = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|k<[^>]*>|[1-9]\d*|[^])/y;
const UNICODE_ESCAPE = /\\(?:[pPu]\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|k<[^>]*>|[1-9]\d*|[^])/uy;
const CLASS = /\[(?:\\[^]|[^\\\]])*\]/y;

/** @param source of a regular expression that compiles with these flags */
export function readPattern(source: string, flags: string): PatternTree {
  const reader = new Reader(source, flags);
  return { root: reader.readChoice(), groups: reader.groups };
}

class Reader {
  readonly groups = new Map<string, Piece>();
  readonly #source: string;
  readonly #isUnicode: boolean;
  readonly #hasSets: boolean;
  #position = 0;
  #opened = 0;
  /** The groups with flags of their own, such as `(?i:`, that a character stands in. */
  #flagged: readonly string[] = [];

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#isUnicode = /[uv]/.test(flags);
    this.#hasSets = flags.includes('v');
  }

  /** All up to the end of the group. */
  readChoice(): Piece {
    const pieces = [this.#readList()];
    while (this.#take('|')) pieces.push(this.#readList());
    return { kind: 'choice', pieces };
  }

  #readList(): Piece {
    const pieces: Piece[] = [];
    while (this.#position < this.#source.length && !'|)'.includes(this.#next)) {
      pieces.push(this.#readQuantifier(this.#readPiece()));
    }
    return { kind: 'list', pieces };
  }

  #readPiece(): Piece {
    const next = this.#next;
    if (next === '(') return this.#readGroup();
    if (next === '\\') return this.#escaped(this.#text(this.#isUnicode ? UNICODE_ESCAPE : ESCAPE));
    if (next === '[') return this.#character(this.#readClass());
    if (this.#take('^') || this.#take('$')) return NOTHING;
    const text = this.#text(this.#isUnicode ? /[^]/uy : /[^]/y);
    return this.#character(/[{}\]]/.test(text) ? `\\${text}` : text);
  }

  #escaped(text: string): Piece {
    if (text === '\\b' || text === '\\B') return NOTHING;
    const group = /^\\(?:k<(.*)>|([1-9]\d*))$/.exec(text);
    return group ? { kind: 'again', group: group[1] ?? group[2] ?? '' } : this.#character(text);
  }

  /** @param text as it is written, to which the groups with flags around it belong */
  #character(text: string): Piece {
    return { kind: 'character', text: this.#flagged.join('') + text + ')'.repeat(this.#flagged.length) };
  }

  #readGroup(): Piece {
    const found = this.#match(GROUP);
    const { look, name, modifiers = '' } = found?.groups ?? {};
    const around = this.#flagged;
    if (modifiers !== '') this.#flagged = [...around, `(?${modifiers}:`];
    const number = found?.[0] === '(' || name !== undefined ? ++this.#opened : undefined;
    const piece = this.readChoice();
    this.#take(')');
    this.#flagged = around;
    if (number !== undefined) this.groups.set(String(number), piece);
    if (name !== undefined) this.groups.set(name, this.#either(this.groups.get(name), piece));
    return look === undefined ? piece : { kind: 'look', piece, isBehind: look.startsWith('<') };
  }

  /** Groups of one name stand in alternatives. */
  #either(other: Piece | undefined, piece: Piece): Piece {
    return other ? { kind: 'choice', pieces: [other, piece] } : piece;
  }

  /** With the flag `v`, classes stand within each other. */
  #readClass(): string {
    if (!this.#hasSets) return this.#text(CLASS);
    const start = this.#position;
    let depth = 0;
    do {
      if (this.#next === '\\') this.#position++;
      else if (this.#next === '[') depth++;
      else if (this.#next === ']') depth--;
      this.#position++;
    } while (depth > 0);
    return this.#source.slice(start, this.#position);
  }

  #readQuantifier(piece: Piece): Piece {
    const [whole, sign, least = '0', comma, most = ''] = this.#match(QUANTIFIER) ?? [];
    if (whole === undefined) return piece;
    if (sign !== undefined)
      return { kind: 'repeat', piece, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const end = comma === '' ? Number(least) : most === '' ? Infinity : Number(most);
    return { kind: 'repeat', piece, least: Number(least), most: end };
  }

  get #next(): string {
    return this.#source.charAt(this.#position);
  }

  #take(character: string): boolean {
    const isThere = this.#next === character;
    if (isThere) this.#position++;
    return isThere;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source) ?? undefined;
    this.#position += found?.[0].length ?? 0;
    return found;
  }

  #text(pattern: RegExp): string {
    const [text = ''] = this.#match(pattern) ?? [];
    return text;
  }
}

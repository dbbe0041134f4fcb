/** A pattern as an automaton: a state for each character that it writes, and how many ways lead from one state to the next. */
import type { PatternTree, Piece } from './pattern-tree.js';

/** How many ways lead to each of some states. */
export type Ways = ReadonlyMap<State, number>;

/** A state stands for a character that was taken. */
export interface State {
  readonly index: number;
  /** The characters that lead to it, a bit for each letter of the alphabet. */
  readonly letters: bigint;
  readonly next: Map<State, number>;
  /** The endless repetition that it stands in, the outermost one: each state of it leads to each other. */
  readonly loop: number | undefined;
}

export interface Automaton {
  readonly states: readonly State[];
  readonly start: Ways;
  readonly alphabet: readonly string[];
}

/** A stretch of it: the states it begins and ends with, and how many ways lead through it without taking a character. */
interface Stretch {
  readonly first: Ways;
  readonly last: Ways;
  readonly empty: number;
}

/** Counted repetitions with more than so many steps that may be left out, or of so many states, count as endless. */
const MAX_OPTIONAL = 8;
const MAX_WRITTEN = 200;

/** What comes after has properties that characters before have. */
const MAX_SCRIPTS = 0x20000;

/** Characters by which classes differ, besides those that a pattern names. */
const SAMPLES = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...Array.from(
    '\u00a0\u00b2\u00b5\u00df\u00e9\u0130\u017f\u0416\u0439\u05d0\u0661\u2028\u212a\u3042\u4e2d\ufeff\ufffd\u{1d49c}\u{1f600}',
  ),
];
const NONE: Ways = new Map();
const NOTHING: Stretch = { first: NONE, last: NONE, empty: 1 };
const ANY: Piece = { kind: 'character', text: '[^]' };
const REST: Piece = { kind: 'repeat', piece: ANY, least: 0, most: Infinity };

/** @param flags those that the pattern is matched with */
export function automatonOf(tree: PatternTree, flags: string): Automaton {
  const builder = new Builder(tree, flags);
  const { first: start } = builder.build(tree.root);
  return { states: builder.states, start, alphabet: builder.alphabet };
}

/** Whether a text that begins so may match; so it is, too, where that is not known. */
export function mayBeginWith({ start, alphabet }: Automaton, beginning: string): boolean {
  let states = [...start.keys()];
  for (const letter of beginning) {
    const index = alphabet.indexOf(letter);
    if (index < 0) return true;
    const taken = states.filter(({ letters }) => (letters & (1n << BigInt(index))) !== 0n);
    if (taken.length === 0) return false;
    states = [...new Set(taken.flatMap(({ next }) => [...next.keys()]))];
  }
  return true;
}

class Builder {
  readonly states: State[] = [];
  readonly alphabet: readonly string[];
  readonly #tree: PatternTree;
  readonly #flags: string;
  readonly #letters = new Map<string, bigint>();
  #loop: number | undefined;

  constructor(tree: PatternTree, flags: string) {
    this.#tree = tree;
    this.#flags = flags.replace(/[^isuv]/g, '');
    const properties = classesOf(tree.root).filter((text) => /\\[pP]\{/.test(text));
    this.alphabet = [
      ...new Set([...SAMPLES, ...lettersOf(tree.root), ...representatives(properties, this.#flags)]),
    ];
  }

  build(piece: Piece): Stretch {
    switch (piece.kind) {
      case 'character':
        return this.#character(piece.text);
      case 'list':
        return piece.pieces.reduce((before, each) => this.#join(before, this.build(each)), NOTHING);
      case 'choice':
        return this.#choose(piece.pieces.map((each) => this.build(each)));
      case 'repeat':
        return this.#repeat(piece.piece, piece.least, piece.most);
      case 'look':
        return this.#look(piece.piece, piece.isBehind);
      case 'again':
        return this.#again(piece.group);
    }
  }

  #character(text: string): Stretch {
    const letters = this.#lettersOf(text);
    const state: State = { index: this.states.length, letters, next: new Map(), loop: this.#loop };
    this.states.push(state);
    const ways = new Map([[state, 1]]);
    return { first: ways, last: ways, empty: 0 };
  }

  /** The engine itself says which letters a class has. */
  #lettersOf(text: string): bigint {
    const known = this.#letters.get(text);
    if (known !== undefined) return known;
    const one = new RegExp(`^${text}$`, this.#flags);
    const letters = this.alphabet.reduce(
      (all, letter, index) => (one.test(letter) ? all | (1n << BigInt(index)) : all),
      0n,
    );
    this.#letters.set(text, letters);
    return letters;
  }

  #join(before: Stretch, after: Stretch): Stretch {
    connect(before.last, after.first);
    return {
      first: sum(before.first, after.first, before.empty),
      last: sum(after.last, before.last, after.empty),
      empty: before.empty * after.empty,
    };
  }

  #choose(stretches: readonly Stretch[]): Stretch {
    return {
      first: stretches.reduce((all, { first }) => sum(all, first), NONE),
      last: stretches.reduce((all, { last }) => sum(all, last), NONE),
      empty: stretches.reduce((all, { empty }) => all + empty, 0),
    };
  }

  #repeat(piece: Piece, least: number, most: number): Stretch {
    const isWritten = most - least <= MAX_OPTIONAL && sizeOf(piece) * most <= MAX_WRITTEN;
    if (!isWritten) return this.#endless(piece, Math.min(least, 1));
    let stretch = NOTHING;
    // What may be left out is left out with all that follows: x{0,2} is (x(x)?)?.
    for (let left = most - least; left > 0; left--)
      stretch = this.#optional(this.#join(this.build(piece), stretch));
    for (let left = least; left > 0; left--) stretch = this.#join(this.build(piece), stretch);
    return stretch;
  }

  /** A repetition is over where it would take nothing. */
  #optional({ first, last }: Stretch): Stretch {
    return { first, last, empty: 1 };
  }

  #endless(piece: Piece, least: number): Stretch {
    const outer = this.#loop;
    this.#loop ??= this.states.length;
    const stretch = this.build(piece);
    connect(stretch.last, stretch.first);
    this.#loop = outer;
    return least === 0 ? this.#optional(stretch) : { ...stretch, empty: Math.min(stretch.empty, 1) };
  }

  /** What is looked at is read beside what follows, and leads nowhere. */
  #look(piece: Piece, isBehind: boolean): Stretch {
    const { first } = this.build(piece);
    const rest = isBehind && isEndless(piece) ? this.build(REST).first : NONE;
    return { first: sum(first, rest), last: NONE, empty: 1 };
  }

  #again(group: string): Stretch {
    const piece = this.#tree.groups.get(group);
    return piece && isEndless(piece) ? this.build(REST) : this.#optional(this.build(ANY));
  }
}

function connect(from: Ways, to: Ways): void {
  for (const [{ next }, ways] of from) {
    for (const [state, more] of to) next.set(state, (next.get(state) ?? 0) + ways * more);
  }
}

function sum(a: Ways, b: Ways, factor = 1): Ways {
  if (factor === 0 || b.size === 0) return a;
  const all = new Map(a);
  for (const [state, ways] of b) all.set(state, (all.get(state) ?? 0) + ways * factor);
  return all;
}

function sizeOf(piece: Piece): number {
  if (piece.kind === 'repeat') return sizeOf(piece.piece) * (piece.most === Infinity ? 1 : piece.most);
  return Math.max(
    1,
    innerOf(piece).reduce((size, each) => size + sizeOf(each), 0),
  );
}

function isEndless(piece: Piece): boolean {
  return (piece.kind === 'repeat' && piece.most > MAX_OPTIONAL) || innerOf(piece).some(isEndless);
}

function innerOf(piece: Piece): readonly Piece[] {
  return 'pieces' in piece ? piece.pieces : 'piece' in piece ? [piece.piece] : [];
}

/** Its classes and single characters, as they are written. */
function classesOf(piece: Piece): string[] {
  return piece.kind === 'character' ? [piece.text] : innerOf(piece).flatMap(classesOf);
}

/** Characters by which classes with properties of Unicode differ: one for all that the same classes take. */
function representatives(properties: readonly string[], flags: string): Iterable<string> {
  if (properties.length === 0) return [];
  const known = new Map<string, string>();
  const takers = [...new Set(properties)].map((text) => new RegExp(`^${text}$`, flags));
  for (let code = 128; code < MAX_SCRIPTS; code++) {
    const letter = String.fromCodePoint(code);
    const key = takers.map((taker) => (taker.test(letter) ? '1' : '0')).join('');
    if (!known.has(key)) known.set(key, letter);
  }
  return known.values();
}

/** The characters that a pattern names, their neighbours, at which ranges end, and both cases of all. */
function lettersOf(piece: Piece): string[] {
  if (piece.kind !== 'character') return innerOf(piece).flatMap(lettersOf);
  const codes = [...piece.text.matchAll(/\\(?:u\{?|x)([\da-f]{2,6})|[^]/giu)].map(([text, code]) =>
    code === undefined ? (text.codePointAt(0) ?? 0) : parseInt(code, 16),
  );
  return codes
    .flatMap((code) => [code - 1, code, code + 1])
    .filter((code) => code >= 0 && code <= 0x10ffff)
    .map((code) => String.fromCodePoint(code))
    .flatMap((letter) => [letter, letter.toLowerCase(), letter.toUpperCase()]);
}

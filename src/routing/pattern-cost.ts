/** Judges patterns: whether the engine may need more than linear time for a text that does not match in the end. */
import { ObolError } from '../ground/errors.js';
import { Recent } from '../ground/recent.js';
import { automatonOf, type Automaton, type State, type Ways } from './pattern-automaton.js';
import { readPattern } from './pattern-tree.js';

/** What is known of a pattern. */
interface Verdict {
  /** Why it may take more than linear time. */
  readonly why: string | undefined;
}

/** Characters of a text that is matched by a pattern of others, of which the cost is not known: a longer one does not match. */
export const MAX_TEXT = 2040;

/** In how many ways a text may be read, where their number does not grow with it. */
const MAX_WAYS = 500;
/** How much of a text is looked at for that. */
const MAX_PREFIX = 80;
/** Steps of a search. What takes more is not understood, and refused. */
const MAX_STEPS = 50_000;

/** The same patterns come again with each application, each comparison of routes and each URL. */
const verdicts = new Recent<Verdict>({ entries: 1000, characters: 200_000 });

/** Classes that take several characters at once, and in more than one way (flag `v`). */
const SETS_OF_STRINGS = /\\q\{|\\p\{(?:Basic_Emoji|Emoji_Keycap_Sequence|RGI_\w+)\}/;

/** Why a pattern, matched as a whole, may take more than linear time; undefined when it does not. */
export function costOf(source: string, flags: string): string | undefined {
  const key = `${flags}/${source}`;
  let verdict = verdicts.get(key);
  if (!verdict) verdicts.set(key, (verdict = { why: judge(source, flags) }));
  return verdict.why;
}

function judge(source: string, flags: string): string | undefined {
  if (flags.includes('v') && SETS_OF_STRINGS.test(source))
    return 'it has a class with strings of several characters, which cannot be judged';
  return new Search(automatonOf(readPattern(source, flags), flags)).findGrowth();
}

/** @param what has the pattern, as the beginning of a sentence @throws ObolError E_PATTERN_COST */
export function assertLinear(what: string, source: string, flags: string): void {
  const why = costOf(source, flags);
  if (why === undefined) return;
  throw new ObolError(
    'E_PATTERN_COST',
    `${what} may take more than linear time: ${why}. Let no two repetitions, side by side or one in the other, take the same text.`,
  );
}

/** Where walks are that take the same characters, and what they have taken. */
interface Walk {
  readonly at: readonly State[];
  readonly text: string;
}

/**
 * The engine tries one way through a pattern after the other. That takes more than linear time where the ways to read the
 * beginning of a text grow in number with the text (Weber and Seidl, "On the degree of ambiguity of finite automata", 1991).
 */
class Search {
  readonly #automaton: Automaton;
  #steps = 0;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
  }

  findGrowth(): string | undefined {
    const text = this.#findTwoWays() ?? this.#findTwoLoops();
    if (this.#steps > MAX_STEPS) return 'it has too many repetitions to be judged';
    if (text !== undefined)
      return `there are the more ways to read ${JSON.stringify(text)} the more often it is repeated`;
    return this.#countWays() > MAX_WAYS ? 'there are too many ways to read one text' : undefined;
  }

  /** Two ways from one state of a loop to another of the same loop. */
  #findTwoWays(): string | undefined {
    for (const from of this.#automaton.states) {
      for (const [to, ways] of from.next) {
        if (ways < 2 || from.loop === undefined || to.loop !== from.loop) continue;
        const back = to === from ? '' : this.#walk([to], [from], [from.loop]);
        return this.#letterOf(to.letters) + String(back);
      }
    }
    return undefined;
  }

  /** Two states, and a text that leads from each to itself and from the first to the second. */
  #findTwoLoops(): string | undefined {
    const looping = this.#automaton.states.filter(({ loop }) => loop !== undefined);
    for (const p of looping) {
      for (const q of looping) {
        if (p === q) continue;
        const text = this.#walk([p, p, q], [p, q, q], [p.loop, undefined, q.loop]);
        if (text !== undefined || this.#steps > MAX_STEPS) return text;
      }
    }
    return undefined;
  }

  /** The shortest text that leads walks from some states to others. @param loops what each of them must stay in */
  #walk(
    from: readonly State[],
    to: readonly State[],
    loops: readonly (number | undefined)[],
  ): string | undefined {
    const goal = keyOf(to);
    const seen = new Set<string>();
    let walks: readonly Walk[] = [{ at: from, text: '' }];
    while (walks.length > 0 && this.#steps <= MAX_STEPS) {
      const further = walks.flatMap(({ at, text }) =>
        this.#stepsFrom(at, loops).map((step) => ({ at: step.at, text: text + step.text })),
      );
      const arrived = further.find(({ at }) => keyOf(at) === goal);
      if (arrived) return arrived.text;
      walks = further.filter(({ at }) => seen.size !== seen.add(keyOf(at)).size);
    }
    return undefined;
  }

  /** Where walks can be after one character more, which is the same for all. */
  #stepsFrom(at: readonly State[], loops: readonly (number | undefined)[]): Walk[] {
    let found: { at: State[]; letters: bigint }[] = [{ at: [], letters: -1n }];
    for (const [index, { next }] of at.entries()) {
      const loop = loops[index];
      const reached = [...next.keys()].filter((to) => loop === undefined || to.loop === loop);
      this.#steps += found.length * reached.length;
      found = found
        .flatMap((walk) =>
          reached.map((to) => ({ at: [...walk.at, to], letters: walk.letters & to.letters })),
        )
        .filter(({ letters }) => letters !== 0n);
    }
    return found.map(({ at: to, letters }) => ({ at: to, text: this.#letterOf(letters) }));
  }

  /** The most ways that are found for a text, taking at each step the character that has the most. */
  #countWays(): number {
    const bits = this.#distinctLetters();
    let ways: Ways = this.#automaton.start;
    let most = 0;
    for (let length = 0; length < MAX_PREFIX && ways.size > 0 && most <= MAX_WAYS; length++) {
      const known = [...ways];
      const taken = bits.map((bit) => known.filter(([{ letters }]) => (letters & bit) !== 0n));
      const best = taken.reduce((a, b) => (total(b) > total(a) ? b : a), []);
      most = Math.max(most, total(best));
      const next = new Map<State, number>();
      for (const [state, count] of best) {
        for (const [to, more] of state.next) next.set(to, (next.get(to) ?? 0) + count * more);
      }
      ways = next;
    }
    return most;
  }

  /** One bit of all those that the same states take. */
  #distinctLetters(): bigint[] {
    const classes = [...new Set(this.#automaton.states.map(({ letters }) => letters))];
    const bits = this.#automaton.alphabet.map((_, index) => 1n << BigInt(index));
    const takers = (bit: bigint): string => classes.map((letters) => String((letters & bit) !== 0n)).join();
    return [...new Map(bits.map((bit) => [takers(bit), bit])).values()];
  }

  /** One that can be read, where there is. */
  #letterOf(letters: bigint): string {
    const { alphabet } = this.#automaton;
    const fit = alphabet.filter((_, index) => (letters & (1n << BigInt(index))) !== 0n);
    return [/\w/, /\S/, /[^]/].map((kind) => fit.find((letter) => kind.test(letter))).find(Boolean) ?? '';
  }
}

function keyOf(states: readonly State[]): string {
  return states.map(({ index }) => index).join();
}

function total(ways: readonly (readonly [State, number])[]): number {
  return ways.reduce((sum, [, count]) => sum + count, 0);
}

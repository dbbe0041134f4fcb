/** Patterns of authors, which must match in linear time. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Controller, Get, type Request } from 'obol';
import { Expression } from '../../src/routing/expression.js';
import { FilterRegistry } from '../../src/routing/filters.js';
import { costOf } from '../../src/routing/pattern-cost.js';
import { readPattern, type Piece } from '../../src/routing/pattern-tree.js';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { developerError } from '../support/errors.js';
import { problemsOf } from '../support/problems.js';

const CURE = 'Let no two repetitions, side by side or one in the other, take the same text.';

const BAD = [
  ['(a+)+', 'a'],
  ['(a*)*', 'a'],
  ['(a|a)*', 'a'],
  ['(a|aa)+', 'aa'],
  ['([a-z]+)*', 'a'],
  ['(\\w+\\s?)*', '0'],
  ['(.*)*x', '0'],
  ['a*a*', 'a'],
  ['\\d+\\d+', '0'],
  ['.*.*=.*', '0'],
  ['(x+x+)+y', 'x'],
  ['(?:\\w+-?)+', '0'],
  ['([\\w.-]+)+@', '0'],
  ['(([a-z])+.)+[A-Z]([a-z])+', 'aa'],
  ['[a-z]*\\w*', 'a'],
  ['(.+)-(.+)-(.+)', '-0'],
  ['(?=(a+)+$)a+', 'a'],
  ['(?<!(a+)+)b', 'a'],
  ['.*(?=.*x)', '0'],
  ['(?:(?!.*\\.\\.).)*', '0'],
  ['(a|b|ab)*c', 'ba'],
  ['(\\w|_)+', '_'],
  ['(?:\\d{1,3})+', '000'],
  ['[a-z]{1,30}[a-z]{1,30}', 'a'],
  ['(?:x(a?|b?)c)*', 'cx'],
  ['\\x61*\\u0061*', 'a'],
  ['([^]+)\\1', '0'],
  ['.+?=.+?;', '=0'],
] as const;

describe('a pattern that may take more than linear time', () => {
  test.each(BAD)('is known: %s, by repeating %j', (pattern, text) => {
    expect(costOf(pattern, '')).toBe(
      `there are the more ways to read "${text}" the more often it is repeated`,
    );
  });

  test.each([
    ['K+k+', 'i', 'K'],
    // Groups of one name in alternatives, as newer engines have them.
    ['(?:(?<y>a+)|(?<y>b))\\k<y>', '', 'a'],
    ['(?:(?<y>b)|(?<y>a+))\\k<y>', '', 'a'],
    ['\\p{Lu}+\\p{L}+', 'u', 'A'],
    ['[[a-z\\]]--[c]]+[ab]+', 'v', 'a'],
    ['\\u{1f600}*😀*', 'u', '😀'],
    ['.+\\n+', 's', '\\n'],
    // Characters that no pattern names, and that two properties share.
    ['\\p{Script=Greek}+\\p{L}+', 'u', 'Ͱ'],
    ['[^\\p{Script=Latin}]*[\\p{Script=Thai}-]*', 'u', '-'],
    ['\\p{Script=Cherokee}+[^a]+', 'v', 'Ꭰ'],
    ['[\\p{L}--[a-z]]+\\p{Script=Han}+', 'v', '中'],
  ])('is known with its flags: /%s/%s', (pattern, flags, text) => {
    expect(costOf(pattern, flags)).toContain(`to read "${text}" the more often`);
  });

  test.each(['(?:a?){30}a', 'a?'.repeat(30), '(?:a?b?){12}'])(
    'is one with too many ways for one text: %s',
    (pattern) => {
      expect(costOf(pattern, '')).toBe('there are too many ways to read one text');
    },
  );

  test.each(['[a\\q{ab}b]+', '[\\q{ab|a}]*x', '\\p{RGI_Emoji}+', '[\\p{Emoji_Keycap_Sequence}\\d]+'])(
    'is one with strings among its classes: /%s/v',
    (pattern) => {
      expect(costOf(pattern, 'v')).toBe(
        'it has a class with strings of several characters, which cannot be judged',
      );
    },
  );

  test('is one with more repetitions than can be judged', () => {
    const many = Array.from({ length: 30 }, (_, index) => `[a-y]+${String(index)}z`).join('');
    expect(costOf(`(?:${many})+`, '')).toBe('it has too many repetitions to be judged');
  });
});

const GOOD = [
  '[a-z]+',
  '.*',
  '\\d{4}-\\d\\d-\\d\\d',
  '[a-z0-9]+(?:-[a-z0-9]+)*',
  '\\d+(?:\\.\\d+)*',
  '(?:foo|bar|baz)',
  'v\\d+\\.\\d+\\.\\d+(?:-[a-z0-9.]+)?',
  '[\\w.-]+@[\\w-]+\\.[a-z]{2,}',
  '(?:[a-z]+/)*[a-z]+',
  '[a-z]{1,20}[0-9]{1,20}',
  '/archive/(\\d{4})(?:/(\\d\\d))?',
  '/files/([^]*)\\.txt',
  '\\d+px|\\d+em',
  '(?<x>[a-z]+):\\d',
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '-?\\d{1,3}\\.\\d+,-?\\d{1,3}\\.\\d+',
  '(?!admin)[a-z]+',
  '(?=[a-z]*\\d)\\w+',
  '(?:(?!\\.\\.)[^/])+',
  '(?<=a)b+',
  '[^]+\\.(?:png|jpe?g)',
  '(?:[01]\\d|2[0-3]):[0-5]\\d',
  '.*/([a-z]+)\\d',
  '(\\w)-\\1',
  '(\\w+)=\\k<1>',
  '[a-z](?:[a-z-]*[a-z])?',
  '(?:a{2,4}b)*',
  '\\bx+\\b',
  '[[\\]{}]+\\cA?',
  'a{,3}b{',
] as const;

test.each([
  ['\\p{Lu}+\\p{Ll}+', 'u'],
  ['[\\p{L}\\p{N}]+(?:-[\\p{L}\\p{N}]+)*', 'u'],
  ['\\p{Script=Greek}+\\p{Script=Han}+', 'u'],
  ['[\\p{L}--\\p{Lu}]+\\p{Lu}+', 'v'],
])('a pattern that takes linear time with its flags is fine: /%s/%s', (pattern, flags) => {
  expect(costOf(pattern, flags)).toBeUndefined();
});

/** Groups with flags of their own are known to some engines. */
const isModifiable = ((): boolean => {
  try {
    return new RegExp('(?i:a)').test('A');
  } catch {
    return false;
  }
})();

(isModifiable ? test.each : test.skip.each)([
  ['(?i:a)+A+', false],
  ['(?:(?i:[a-f])B?)*', false],
  ['(?s:.)+\\n+', false],
  ['(?i:b(?-i:a)+)A+', true],
  ['(?i:a+)B+', true],
])('flags within a pattern are known: %s', (pattern, isFine) => {
  expect(costOf(pattern, '') === undefined).toBe(isFine);
});

/** Read everywhere, though not every Node compiles it. */
test('flags within a pattern belong to the characters in their group', () => {
  const written = ({ root }: { root: Piece }): string[] => {
    const texts: string[] = [];
    const visit = (piece: Piece): void => {
      if (piece.kind === 'character') texts.push(piece.text);
      if ('piece' in piece) visit(piece.piece);
      if ('pieces' in piece) piece.pieces.forEach(visit);
    };
    visit(root);
    return texts;
  };
  expect(written(readPattern('(?i:a(?-i:b))c', ''))).toEqual(['(?i:a)', '(?i:(?-i:b))', 'c']);
});

test.each(GOOD)('a pattern that takes linear time is fine: %s', (pattern) => {
  expect(costOf(pattern, '')).toBeUndefined();
});

/** What an engine that tries one way after the other runs: `split` tries the first of two ways, and later the second. */
type Instruction =
  | { readonly does: 'take'; readonly letter: RegExp }
  | { readonly does: 'split'; readonly first: number; readonly second: number }
  | { readonly does: 'begin' | 'end' };

function compile(piece: Piece, program: Instruction[] = []): Instruction[] {
  const split = (body: () => void, back?: number): void => {
    const at = program.push({ does: 'split', first: 0, second: 0 }) - 1;
    body();
    if (back !== undefined) program.push({ does: 'split', first: back, second: back });
    program[at] = { does: 'split', first: at + 1, second: program.length };
  };
  if (piece.kind === 'character') program.push({ does: 'take', letter: new RegExp(`^${piece.text}$`) });
  if (piece.kind === 'list') piece.pieces.forEach((each) => compile(each, program));
  if (piece.kind === 'choice') {
    const [first, ...rest] = piece.pieces;
    if (first && rest.length > 0) {
      split(() => {
        compile(first, program);
        program.push({ does: 'split', first: 0, second: 0 });
      });
      const jump = program.length - 1;
      compile({ kind: 'choice', pieces: rest }, program);
      program[jump] = { does: 'split', first: program.length, second: program.length };
    } else if (first) compile(first, program);
  }
  if (piece.kind === 'repeat') {
    for (let left = piece.least; left > 0; left--) compile(piece.piece, program);
    const once = (): void => {
      program.push({ does: 'begin' });
      compile(piece.piece, program);
      program.push({ does: 'end' });
    };
    if (piece.most === Infinity) split(once, program.length);
    else for (let left = piece.most - piece.least; left > 0; left--) split(once);
  }
  return program;
}

/** Where one way through a program is. */
interface Way {
  readonly at: number;
  readonly position: number;
  /** Where repetitions began that are under way, so that none goes on that took nothing. */
  readonly begun: readonly number[];
}

/** The ways that an instruction leaves, the one to try first at the end. */
function afterwards(instruction: Instruction | undefined, letter: string, way: Way): Way[] {
  const { at, position, begun } = way;
  const next = { ...way, at: at + 1 };
  switch (instruction?.does) {
    case 'take':
      return instruction.letter.test(letter) ? [{ ...next, position: position + 1 }] : [];
    case 'split': {
      const first = { ...way, at: instruction.first };
      return instruction.first === instruction.second ? [first] : [{ ...way, at: instruction.second }, first];
    }
    case 'begin':
      return [{ ...next, begun: [position, ...begun] }];
    case 'end':
      return begun[0] === position ? [] : [{ ...next, begun: begun.slice(1) }];
    case undefined:
      return [];
  }
}

/** How often the engine looks at a character of a text until no way is left to try. */
function stepsOf(source: string, text: string): number {
  const program = compile(readPattern(source, '').root);
  const waiting: { at: number; position: number; begun: readonly number[] }[] = [
    { at: 0, position: 0, begun: [] },
  ];
  let steps = 0;
  for (let way = waiting.pop(); way; way = waiting.pop()) {
    const { at, position } = way;
    const instruction = program[at];
    if (!instruction && position === text.length) return steps;
    if (instruction?.does === 'take') steps++;
    waiting.push(...afterwards(instruction, text.charAt(position), way));
  }
  return steps;
}

test.each([
  ['a*', 128],
  ['a*a*', 128 * 64],
  ['(?:a|b)*c', 2 * 128],
])('the engine of this test takes %s about %i steps for 128 characters', (pattern, steps) => {
  const taken = stepsOf(pattern, `${'a'.repeat(127)}\n`);
  expect(taken / steps).toBeGreaterThan(0.9);
  expect(taken / steps).toBeLessThan(2.2);
});

const leaf = fc.constantFrom('a', 'b', '[ab]', '[^a]', 'ab', '.');
const anyPattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}'))
      .map(([a, sign]) => `(?:${a})${sign}`),
  ),
})).pattern;

test('from 1 to 2 KiB, the steps of what is not refused grow at most linearly', () => {
  const words = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(anyPattern, words, (pattern, word) => {
      fc.pre(costOf(pattern, '') === undefined);
      const [one, two] = [1024, 2048].map((size) => stepsOf(pattern, `${word.repeat(size / word.length)}\n`));
      expect(two).toBeLessThanOrEqual(2.1 * (one ?? 0) + 100);
    }),
    { numRuns: 40 },
  );
});

describe('is judged where it is given', () => {
  @Controller()
  class IndexController {
    @Get('/') index() {
      return null;
    }
  }
  const why = `may take more than linear time: there are the more ways to read "a" the more often it is repeated. ${CURE}`;

  test.each(BAD.map(([pattern]) => pattern))('as a filter and as a whole path: %s', (pattern) => {
    const code: unknown = expect.objectContaining({ code: 'E_PATTERN_COST' });
    expect(() => {
      new FilterRegistry().add('own', { pattern });
    }).toThrow(pattern.includes('\\1') ? /back references/ : code);
    expect(() => new Expression(new RegExp(pattern))).toThrow(code);
  });

  test('by bootstrap', async () => {
    @Controller()
    class CostlyController {
      @Get(computed('/<a:re:(a+)+>')) inline(_req: Request, a: string) {
        return a;
      }
      @Get(/\/(a+)+/) whole() {
        return null;
      }
      @Get(computed('/<a:re:.+>-<b:re:.+>')) two(_req: Request, a: string) {
        return a;
      }
      @Get('/<a:re:[a-z]+>-<b:re:\\d+>') fine(_req: Request, a: string) {
        return a;
      }
    }
    const problems = await problemsOf([CostlyController], { filters: { own: { pattern: /(a+)+/ } } });
    expect(problems.map(({ code, member, message }) => [code, member, message])).toEqual([
      ['E_PATTERN_COST', undefined, `the pattern of the path filter "own" ${why}`],
      [
        'E_PATTERN_COST',
        'CostlyController.inline',
        `The path "/<a:re:(a+)+>" cannot be read: the pattern of the path filter "re" ${why}`,
      ],
      ['E_PATTERN_COST', 'CostlyController.whole', `The path /\\/(a+)+/ ${why}`],
      [
        'E_PATTERN_COST',
        'CostlyController.two',
        'The parameters "a" and "b" stand in one stretch, and where one of them ends may take more than linear time to find: ' +
          'there are the more ways to read "-0" the more often it is repeated. Put a text between them that neither of them can match.',
      ],
    ]);
  });

  test.each<[string, boolean]>([
    ['/<a:re:.+>-<b:re:\\d+>', true],
    ['/<a:re:[a-z]+>.<b:re:[a-z]+>', true],
    ['/<a:re:\\d+>x<b:re:\\d+>y<c:re:\\d+>', true],
    ['/<a:re:[a-z]+>/<b:re:[^]+>', true],
    ['/<a:re:.+>-<b:re:.+>', false],
    ['/<a:re:\\w+>_<b:re:\\w+>', false],
    ['/<a:re:\\d+>0<b:re:\\d+>', false],
    ['/<a:re:.+>-<b:re:.+>-<c:re:.+>', false],
    ['/<a:re:[^]+>/x/<b:re:[^]+>', false],
  ])('by routes.add: two inline patterns in %s are fine: %j', async (path, isFine) => {
    const { app } = await start(IndexController);
    const add = () => app.routes.add(computed(path) as '/', () => 1);
    if (isFine) expect(add).not.toThrow();
    else expect(add).toThrow(expect.objectContaining({ code: 'E_PATTERN_COST' }));
    expect(app.routes.has(path)).toBe(isFine);
  });

  test('and a stretch that is read with more than one filter is short where it could take long', async () => {
    const { app, client } = await start(IndexController);
    app.routes.add('/<name>@<version:re:.+>', (_req, name, version) => name.length + version.length);
    expect(await (await client.get(`/${'a'.repeat(100)}@${'@'.repeat(100)}`)).json()).toBe(200);
    expect((await client.get(`/${'a'.repeat(100)}@${'@'.repeat(200)}`)).status).toBe(404);
  });

  test('and names the parameter of a URL', () => {
    expect(() => new FilterRegistry().get('re:(a|a)*')).toThrow(
      developerError('E_PATTERN_COST', `the pattern of the path filter "re" ${why}`),
    );
  });
});

/** Where code goes on at once or later by hand: each such fork is code twice, and there are to be few. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve(import.meta.dirname, '../../src');

/** The one function that looks at a value for this, in message/handler.ts. */
const DEFINITION = /^export function isPromise\b.*?^\}/ms;

/** What asks, and in how many places at most: lowered with each that goes. */
const FORKS: readonly (readonly [string, RegExp, number])[] = [
  ['isPromise(), called or handed on', /\bisPromise\b(?=[()])/, 26],
  [
    'a look at then() or Promise without it',
    /instanceof Promise\b|'then' in\b|\bthen\??: unknown|\.then\)? *[!=]==/,
    5,
  ],
];

const lines = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    readFileSync(join(SRC, file), 'utf8')
      .replace(DEFINITION, '')
      .split('\n')
      .filter((line) => !/^import\b/.test(line))
      .map((line) => ({ place: `${file}: ${line.trim()}`, line })),
  );

test('reads all of the source', () => {
  expect(lines.length).toBeGreaterThan(10_000);
});

test.each(FORKS)('few places ask by %s', (_kind, pattern, budget) => {
  const places = lines.filter(({ line }) => pattern.test(line)).map(({ place }) => place);
  expect(places.length > budget ? places : []).toEqual([]);
});

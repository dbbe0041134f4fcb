/** What the package exports, and what an editor shows of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as obol from 'obol';
import {
  ENTRIES,
  hoverOf,
  isOptional,
  membersOf,
  SURFACE,
  surfaceText,
  typesReached,
  type PublicSymbol,
} from './public-surface.js';

const KNOWN_TAGS = ['deprecated', 'example', 'param', 'returns', 'see', 'template', 'throws'];
const OPTIONS = /(?:Options|Init|Limits|Cookie|Changes|^Feature|^Contract)$/;

const symbols = ENTRIES.flatMap((entry) => entry.symbols);
const hovers = symbols.flatMap((symbol) => [
  { at: symbol.name, ...hoverOf(symbol.symbol) },
  ...membersOf(symbol).map((member) => ({ at: `${symbol.name}.${member.name}`, ...hoverOf(member) })),
]);

test('exports at most 60 values from obol, so that what is written every day is found in one list', () => {
  expect(Object.keys(obol).length).toBeLessThanOrEqual(60);
});

test('has the signatures that surface.txt lists, which npm run surface writes anew', () => {
  expect(surfaceText()).toBe(readFileSync(SURFACE, 'utf8'));
});

describe('a hover', () => {
  test('is there for exports of every entry, and their members', () => {
    expect(hovers.map(({ at }) => at)).toEqual(
      expect.arrayContaining([
        'Controller',
        'FormLogin',
        'FormLogin.page',
        'TestClient.get',
        'Response.with',
      ]),
    );
  });

  test('has no tags but those of JSDoc: a decorator at the beginning of a line, or behind white space, would be one', () => {
    const tags = hovers.flatMap(({ at, tags }) => tags.map(([tag]) => ({ at, tag })));
    expect(tags.length).toBeGreaterThan(100);
    expect(tags.filter(({ tag }) => !KNOWN_TAGS.includes(tag))).toEqual([]);
  });

  test('shows examples whole, as code, and without escapes', () => {
    const examples = hovers.flatMap(({ at, tags }) =>
      tags.filter(([tag]) => tag === 'example').map(([, text]) => ({ at, text })),
    );
    expect(examples.length).toBeGreaterThan(20);
    expect(examples.filter(({ text }) => !/^```ts\n.*\n```$/s.test(text) || text.includes('\\@'))).toEqual(
      [],
    );
  });

  test('says the default of every option that may be left out', () => {
    const options = typesReached()
      .filter(({ name }) => OPTIONS.test(name))
      .flatMap(optionalOnes);
    expect(options.length).toBeGreaterThan(150);
    expect(options.filter(({ text }) => !/\bdefault\b/i.test(text)).map(({ at }) => at)).toEqual([]);
  });
});

function optionalOnes(symbol: PublicSymbol): { at: string; text: string }[] {
  return membersOf(symbol)
    .filter(isOptional)
    .map((member) => ({ at: `${symbol.name}.${member.name}`, text: hoverOf(member).text }));
}

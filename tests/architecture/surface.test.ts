/** What the package exports, and what an editor shows of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as obol from 'obol';
import { ENTRIES, hoverOf, membersOf, SURFACE, surfaceText } from './public-surface.js';

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
});

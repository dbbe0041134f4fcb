/** Sessions that were ended early, remembered in memory. */
import { afterEach, expect, test } from '@jest/globals';
import { RevokedSessions } from 'obol/session';
import { developerError } from '../../support/errors.js';
import { clock } from './site.js';

let time: ReturnType<typeof clock> | undefined;

afterEach(() => {
  time?.restore();
  time = undefined;
});

const now = (): number => Math.floor(Date.now() / 1000);
const known = (revoked: RevokedSessions, count: number): string[] =>
  Array.from({ length: count }, (_, i) => String(i)).filter((id) => revoked.has(id));

test('remembers what it was told', () => {
  const revoked = new RevokedSessions();
  revoked.add('0', now() + 60);
  expect(known(revoked, 3)).toEqual(['0']);
});

test('makes room of what has ended by itself', () => {
  time = clock();
  const revoked = new RevokedSessions(3);
  revoked.add('0', now() + 60);
  revoked.add('1', now() + 10);
  revoked.add('2', now() + 60);
  time.forward(10);
  revoked.add('3', now() + 60);
  expect(known(revoked, 5)).toEqual(['0', '2', '3']);
});

test('forgets the oldest tenth when nothing has', () => {
  const revoked = new RevokedSessions(20);
  for (let i = 0; i <= 20; i++) revoked.add(String(i), now() + 60);
  expect(known(revoked, 30)).toEqual(Array.from({ length: 19 }, (_, i) => String(i + 2)));
});

test.each([0, -1, 0.5])('has no size %p', (size) => {
  expect(() => new RevokedSessions(size)).toThrow(
    developerError('E_SETTING', `RevokedSessions: ${size} is not a whole number of sessions, 1 or more.`),
  );
});

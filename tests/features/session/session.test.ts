/** A session by itself, as a test of a controller makes one. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Session } from 'obol/session';
import { developerError } from '../../support/errors.js';

interface Kept {
  user: string;
  list: number[];
}

const MORE = 'A session keeps plain JSON: strings, numbers, booleans, null, arrays and objects of these.';

describe('what it holds', () => {
  test('is what it was given', () => {
    const session = Session.of({ user: 'smith', list: [1] });
    expect(session.get('user')).toBe('smith');
    expect({ ...session.data }).toEqual({ user: 'smith', list: [1] });
    expect([session.has('user'), Session.of<Kept>().has('user')]).toEqual([true, false]);
  });

  test('can be set, changed in place and deleted', () => {
    const session = Session.of<Partial<Kept>>({ list: [] });
    session.set('user', 'smith').get('list')?.push(2);
    session.data.user = `${session.data.user}son`;
    expect({ ...session.data }).toEqual({ list: [2], user: 'smithson' });
    expect([session.delete('user'), session.delete('user')]).toEqual([true, false]);
    session.set('list', undefined);
    expect(Object.keys(session.data)).toEqual([]);
  });

  test('goes with clear', () => {
    const session = Session.of({ user: 'smith' });
    session.flash('notice', 1);
    session.clear();
    expect([{ ...session.data }, session.flash('notice')]).toEqual([{}, undefined]);
  });

  test('has no prototype to be looked up in', () => {
    const session = Session.of();
    expect([session.get('constructor'), session.get('__proto__'), session.flash('toString')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  test.each<[unknown, string]>([
    [new Date(0), 'The session value "a" is a Date (keep its toISOString()).'],
    [new Map(), 'The session value "a" is a Map.'],
    [new (class Person {})(), 'The session value "a" is a Person.'],
    [{ b: [new Set()] }, 'The session value "a.b.0" is a Set.'],
    [1n, 'The session value "a" is of type bigint.'],
    [() => 1, 'The session value "a" is of type function.'],
    [Symbol('b'), 'The session value "a" is of type symbol.'],
    [NaN, 'The session value "a" is NaN, which JSON does not know.'],
    [{ b: -Infinity }, 'The session value "a.b" is -Infinity, which JSON does not know.'],
    [[undefined], 'The session value "a" has undefined in an array.'],
    [circle, `The session value "a${'.self'.repeat(32)}" is nested deeper than 32 levels, or within itself.`],
    [{ constructor: 1 }, 'The session value "a.constructor" has a key that no session may have.'],
  ])('cannot be %p', (value, message) => {
    const session = Session.of();
    const error = developerError('E_SESSION_DATA', `${message} ${MORE}`);
    expect(() => session.set('a', value)).toThrow(error);
    expect(() => session.flash('a', value)).toThrow(error);
    expect(session.has('a')).toBe(false);
  });

  test.each<unknown>([
    null,
    true,
    0,
    -0.5,
    '',
    'é😀\u2028',
    [],
    {},
    [[null]],
    Object.create(null),
    { a: undefined },
  ])('can be %p', (value) => {
    expect(Session.of().set('a', value).get('a')).toBe(value);
  });
});

describe('flash values', () => {
  test('are there once', () => {
    const session = Session.of();
    expect(session.flash('notice')).toBeUndefined();
    expect(session.flash('notice', ['Saved'])).toBe(session);
    expect([session.flash('notice'), session.flash('notice')]).toEqual([['Saved'], undefined]);
  });

  test('are no part of the data', () => {
    const session = Session.of();
    session.flash('notice', 1);
    expect({ ...session.data }).toEqual({});
  });
});

describe('its life', () => {
  test('is that of a new one', () => {
    const { id, isNew, expiresAt } = Session.of();
    expect([/^[\w-]{22}$/.test(id), isNew]).toEqual([true, true]);
    expect(Math.abs(expiresAt.getTime() - Date.now() - 86_400_000)).toBeLessThan(60_000);
  });

  test('goes on under another id after regenerate', () => {
    const session = Session.of({ user: 'smith' });
    const { id } = session;
    expect(session.id).toBe(id);
    expect(session.regenerate().id).not.toBe(id);
    expect(session.get('user')).toBe('smith');
  });

  test('ends with destroy', () => {
    const session = Session.of({ user: 'smith' });
    const { id } = session;
    session.destroy();
    expect([session.id === id, { ...session.data }]).toEqual([false, {}]);
  });

  test('can be shortened and lengthened', () => {
    const session = Session.of();
    const moment = Date.now() + 5000;
    session.expiresAt = moment;
    expect(session.expiresAt.getTime()).toBe(Math.floor(moment / 1000) * 1000);
  });

  test.each([
    [0, '0'],
    [NaN, 'NaN'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])(
    // prettier-ignore
    'cannot end at %p',
    (moment, shown) => {
      expect(() => (Session.of().expiresAt = moment)).toThrow(
        developerError('E_SESSION_EXPIRY', `A session cannot end at ${shown}; to end it now, destroy() it.`),
      );
    },
  );

  test('has nothing to load', async () => {
    const session = Session.of();
    session.touch();
    expect(await session.load()).toBe(session);
  });
});

test('inspect shows the names of what it holds, and no more', () => {
  const session = Session.of({ user: 'smith', list: [] });
  expect(inspect(session, { showHidden: true })).toBe('Session { user, list }');
  expect(JSON.stringify(session)).toBe('{}');
  expect(inspect(Session.of())).toBe('Session { not read yet }');
});

/** The values of a session in one request, and what they tell of their changes. */
import { describe, expect, test } from '@jest/globals';
import { LiveValues, type TextChanges } from '../../../src/features/session/values.js';

const TEXTS = new Map([
  ['.user', '"smith"'],
  ['!notice', '"Saved"'],
  ['.list', '[1,{"a":null}]'],
  ['.nothing', 'null'],
]);

function changesOf(values: LiveValues): TextChanges {
  const changes: TextChanges = { set: new Map(), deleted: [] };
  values.collect(changes);
  return changes;
}

const changed = (set: Record<string, string>, ...deleted: string[]): TextChanges => ({
  set: new Map(Object.entries(set)),
  deleted,
});

describe('values', () => {
  test('are those of one kind', () => {
    const data = new LiveValues('.', TEXTS);
    expect([data.get('user'), data.get('nothing'), data.get('notice')]).toEqual(['smith', null, undefined]);
    expect(new LiveValues('!', TEXTS).all()).toEqual({ notice: 'Saved' });
  });

  test('are the same objects however they are asked for', () => {
    const data = new LiveValues('.', TEXTS);
    const list = data.get('list');
    expect(data.get('list')).toBe(list);
    expect(data.all()['list']).toBe(list);
    expect(data.all()).toBe(data.all());
  });

  test('are other objects for each request', () => {
    const [one, other] = [new LiveValues('.', TEXTS), new LiveValues('.', TEXTS)];
    (one.get('list') as unknown[]).push('mine');
    expect(other.get('list')).toEqual([1, { a: null }]);
  });

  test('keep their order, with what is new behind', () => {
    const data = new LiveValues('.', TEXTS);
    data.set('new', 1);
    data.get('list');
    data.set('user', 'jones');
    expect(Object.keys(data.all())).toEqual(['user', 'list', 'nothing', 'new']);
  });

  test('have no prototype', () => {
    const data = new LiveValues('.', new Map());
    expect([data.get('toString'), data.get('__proto__'), Object.getPrototypeOf(data.all())]).toEqual([
      undefined,
      undefined,
      null,
    ]);
  });

  test.each([false, true])('are gone when they were deleted; whole before: %p', (isWhole) => {
    const data = new LiveValues('.', TEXTS);
    if (isWhole) data.all();
    data.set('user', undefined);
    expect(data.get('user')).toBeUndefined();
    expect(Object.keys(data.all())).toEqual(['list', 'nothing']);
    data.clear();
    expect(data.all()).toEqual({});
  });

  test.each([false, true])('cannot change once they are closed; whole before: %p', (isWhole) => {
    const data = new LiveValues('.', TEXTS);
    if (isWhole) data.all();
    data.close();
    expect(data.get('user')).toBe('smith');
    expect(() => (data.all()['user'] = 'jones')).toThrow(TypeError);
    expect(data.all()['user']).toBe('smith');
  });
});

describe('changes', () => {
  test.each<[string, (data: LiveValues) => unknown, TextChanges]>([
    ['are none where nobody looked', () => undefined, changed({})],
    ['are none where somebody only looked', (data) => [data.get('list'), data.all()], changed({})],
    [
      'are none where a value is set to what it was',
      (data) => {
        data.set('user', 'smith');
      },
      changed({}),
    ],
    [
      'are new values',
      (data) => {
        data.set('a', 1);
      },
      changed({ '.a': '1' }),
    ],
    [
      'are other values',
      (data) => {
        data.set('user', 'jones');
      },
      changed({ '.user': '"jones"' }),
    ],
    ['are found deep inside', (data) => (data.get('list') as unknown[]).pop(), changed({ '.list': '[1]' })],
    ['are found in the whole', (data) => (data.all()['user'] = 7), changed({ '.user': '7' })],
    [
      'are deleted values',
      (data) => {
        data.set('user', undefined);
      },
      changed({}, '.user'),
    ],
    ['are values deleted from the whole', (data) => delete data.all()['user'], changed({}, '.user')],
    [
      'are values made undefined in the whole',
      (data) => (data.all()['user'] = undefined),
      changed({}, '.user'),
    ],
    [
      'are not what was never there',
      (data) => {
        data.set('b', undefined);
      },
      changed({}),
    ],
    [
      'are all that was there',
      (data) => {
        data.clear();
      },
      changed({}, '.user', '.list', '.nothing'),
    ],
  ])('%s', (_name, change, expected) => {
    // prettier-ignore
    const data = new LiveValues('.', TEXTS);
    change(data);
    expect(changesOf(data)).toEqual(expected);
  });

  test('to what JSON has no text for are errors', () => {
    const data = new LiveValues('.', TEXTS);
    data.all()['user'] = new Date(0);
    expect(() => changesOf(data)).toThrow(expect.objectContaining({ code: 'E_SESSION_DATA' }));
  });
});

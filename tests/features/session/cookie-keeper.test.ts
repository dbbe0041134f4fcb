/** What a cookie has room for, and what its content may be. */
import { describe, expect, test } from '@jest/globals';
import { CookieKeeper } from '../../../src/features/session/cookie-keeper.js';
import type { ValueCodec } from '../../../src/crypto/value-codec.js';
import { codecOf } from '../../../src/features/session/options.js';
import { contentOf, recordOf, whyOver, type SessionRecord } from '../../../src/features/session/record.js';
import { RevokedSessions } from '../../../src/features/session/revoked.js';
import { Session } from '../../../src/features/session/session.js';
import { SessionState, type SessionSource } from '../../../src/features/session/state.js';
import { epochSeconds } from '../../../src/ground/clock.js';
import { request } from '../../../src/hosts/testing/request.js';
import { developerError } from '../../support/errors.js';
import { KEY } from './site.js';

const keys = [KEY];
const lifetimes = { maxAge: 60, idle: 30 };
const now = epochSeconds();

function recordWith(values: Readonly<Record<string, string>>): SessionRecord {
  const texts = new Map(Object.entries(values));
  return { id: 'A'.repeat(22), issuedAt: now, expiresAt: now + 60, seenAt: now, values: texts };
}

/** Writes a record into a cookie. */
function write(kind: 'sealed' | 'signed', record: SessionRecord, cookieName = 'SESSID'): string {
  const keeper = new CookieKeeper({ codec: codecOf({ kind, keys }), lifetimes });
  return keeper.write({ record, token: '' }, cookieName);
}

const OVERHEAD = contentOf(recordWith({ '.a': '""' })).length;
const filled = (bytes: number): SessionRecord => recordWith({ '.a': `"${'x'.repeat(bytes - OVERHEAD)}"` });

describe.each(['sealed', 'signed'] as const)('a %s cookie', (kind) => {
  test('has room for 3,000 bytes', () => {
    expect(Buffer.byteLength(contentOf(filled(3000)))).toBe(3000);
    expect('__Host-SESSID='.length + write(kind, filled(3000), '__Host-SESSID').length).toBeLessThanOrEqual(
      4096,
    );
  });

  test('and no more, and tells what is largest', () => {
    const room = 3001 - OVERHEAD;
    const message =
      `The session has 3001 bytes, and a cookie has room for 3000. The largest values: "a" (${room + 2}). ` +
      'Keep large things where you keep your data and their ids in the session, or give sessions a store.';
    expect(() => write(kind, filled(3001))).toThrow(developerError('E_SESSION_SIZE', message));
  });

  test('counts bytes, and its name', () => {
    const refused = expect.objectContaining({ code: 'E_SESSION_SIZE' }) as unknown as Error;
    expect(() => write(kind, recordWith({ '.a': `"${'é'.repeat(1500)}"` }))).toThrow(refused);
    expect(() => write(kind, filled(3000), 'n'.repeat(200))).toThrow(refused);
  });
});

test('content comes back as it was', () => {
  const record = recordWith({
    '.user': '"Ř"',
    '.list': '[1,{"a":null}]',
    '!notice': '""',
  });
  expect(recordOf(contentOf(record))).toEqual(record);
});

test.each([
  '',
  'null',
  '[]',
  '7',
  '{}',
  '{"v":2,"sid":"a","iat":1,"exp":2,"idle":1,"data":{},"flash":{}}',
  '{"v":1,"sid":7,"iat":1,"exp":2,"idle":1,"data":{},"flash":{}}',
  '{"v":1,"sid":"a","iat":1,"exp":2,"idle":1,"data":[],"flash":{}}',
  '{"v":1,"sid":"a","iat":1,"exp":2,"idle":1,"data":{}}',
  '{"v":1,"sid":"a","iat":1,"exp":2,"idle":1,"data":{"__proto__":1},"flash":{}}',
  '{"v":1,"sid":"a","iat":1,"exp":2,"idle":1,"data":{"a":{"constructor":1}},"flash":{}}',
  '{"v":1,"sid":"a","iat":1,"exp":2,"idle":1,"data":{},"flash":{"\\u0070rototype":1}}',
])('%j is no content of a session', (content) => {
  expect(recordOf(content)).toBeUndefined();
});

test.each<[number, number, number, string | undefined]>([
  [100, 200, 100, undefined],
  [160, 200, 100, undefined],
  [161, 200, 100, 'it was issued in the future'],
  [100, 200, 161, 'it was issued in the future'],
  [50, 100, 99, 'it has expired'],
  [50, 101, 71, undefined],
  [50, 200, 70, 'it was not used for too long'],
  [NaN, 200, 100, 'it has no valid times'],
  [100, Infinity, 100, 'it has no valid times'],
  [100, 200.5, 100, 'it has no valid times'],
])('issued at %p, ending at %p and seen at %p, by 100: %p', (issuedAt, expiresAt, seenAt, why) => {
  expect(whyOver({ issuedAt, expiresAt, seenAt }, lifetimes, 100)).toBe(why);
});

test('what is written when the head has gone out is refused', () => {
  const source: SessionSource = {
    find: () => ({ record: recordWith({ '.user': '"smith"' }) }),
    newIdentity: () => ({ id: '', token: '' }),
    maxAge: 60,
  };
  const state = new SessionState(source, request('/'));
  const session = new Session<{ user: string }>(state);
  state.end();
  const tooLate = developerError(
    'E_SESSION_SENT',
    'The session cannot change any more: the head of the response is on its way. Change it before the handler ' +
      'returns, not in a generator or stream that it returns.',
  );
  for (const change of [
    () => session.set('user', 'jones'),
    () => session.delete('user'),
    () => {
      session.clear();
    },
    () => {
      session.destroy();
    },
    () => session.regenerate(),
    () => {
      session.touch();
    },
    () => session.flash('notice', 1),
  ])
    expect(change).toThrow(tooLate);
  expect(() => (session.data.user = 'jones')).toThrow(TypeError);
  expect(session.get('user')).toBe('smith');
});

describe('a cookie is opened', () => {
  const values = new Map([['.user', '"smith"']]);
  const record: SessionRecord = { ...recordWith({}), values };

  /** A keeper, and which cookies it had opened. */
  function counting(revoked?: RevokedSessions) {
    const sealed = codecOf({ keys });
    const opened: string[] = [];
    const codec: ValueCodec = {
      encode: (text, name) => sealed.encode(text, name),
      decode: (value, name) => {
        opened.push(value);
        return sealed.decode(value, name);
      },
    };
    return { keeper: new CookieKeeper({ codec, lifetimes, revoked }), opened };
  }

  test('once, and not at all by who wrote it', () => {
    const value = write('sealed', record);
    const { keeper, opened } = counting();
    for (let i = 0; i < 3; i++) expect(keeper.find(value, 'SESSID').record).toEqual(record);
    expect(opened).toEqual([value]);
    const own = keeper.write({ record, token: '' }, 'SESSID');
    expect(keeper.find(own, 'SESSID').record).toEqual(record);
    expect(opened).toEqual([value]);
  });

  test('each time while it is refused', () => {
    const revoked = new RevokedSessions();
    const { keeper, opened } = counting(revoked);
    const over = write('sealed', { ...record, expiresAt: now });
    const ended = write('sealed', record);
    revoked.add(record.id, now + 60);
    for (const value of ['bad', over, ended])
      for (let i = 0; i < 2; i++) expect(keeper.find(value, 'SESSID').record).toBeUndefined();
    expect(opened).toEqual(['bad', 'bad', over, over, ended, ended]);
  });

  test('each time under another name', () => {
    const value = write('sealed', record);
    const { keeper, opened } = counting();
    for (const name of ['SESSID', 'OTHER', 'SESSID', 'OTHER']) keeper.find(value, name);
    expect(opened).toEqual([value, value, value]);
  });
});

/**
 * Row E6 to the last bit: no cookie but the very one that was given out is a session. Each of the others gives an empty
 * session, one debug line that tells nothing of the cookie, and a Set-Cookie that removes it.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { sessionKeys } from '../../src/features/session/keys.js';
import { codecOf } from '../../src/features/session/options.js';
import { cookieOf, dataFor, KEY, OTHER_KEY, site } from '../features/session/site.js';

const SMITH = { user: 'smith' };
const REMOVED = 'SESSID=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax';
const LINE = /^GET \/data: the session was refused: [a-z0-9 ,]+$/;
const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

describe.each(['sealed', 'signed'] as const)('E6 of a %s cookie', (kind) => {
  let at: Awaited<ReturnType<typeof site>>;
  let cookie: string;
  let other: string;
  const codec = codecOf({ kind, keys: [KEY] });

  beforeAll(async () => {
    at = await site({ kind });
    await at.client.post('/set', { json: { user: 'jones' } });
    other = cookieOf(at.client);
    at.client.cookies.clear();
    await at.client.post('/set', { json: SMITH });
    cookie = cookieOf(at.client);
    expect(other).toHaveLength(cookie.length);
  });

  /** What is not as it must be of the answer to this cookie; undefined when all is well. */
  async function complaint(value: string): Promise<string | undefined> {
    at.log.lines.length = 0;
    at.client.cookies.clear();
    const response = await at.client.get('/data', { headers: { Cookie: `SESSID=${value}` } });
    const seen = [response.status, await response.text(), ...response.headers.getAll('set-cookie')];
    const isQuiet = at.logger.errors.length + at.logger.warnings.length === 0;
    const isTold = at.log.lines.length === 1 && LINE.test(at.log.lines[0] ?? '');
    if (isQuiet && isTold && seen.join() === [200, '{}', REMOVED].join()) return undefined;
    return [value, ...seen, ...at.log.lines].join(' | ');
  }

  /** Asks with all of them, but for the genuine ones, which are good before and afterwards. */
  async function expectRefused(values: readonly string[], least: number): Promise<void> {
    const bad = new Set(values.filter((value) => value !== cookie && value !== other));
    expect(bad.size).toBeGreaterThanOrEqual(least);
    expect(await dataFor(at.client, cookie)).toEqual(SMITH);
    const complaints: string[] = [];
    for (const value of bad) {
      const found = await complaint(value);
      if (found !== undefined) complaints.push(found);
    }
    expect(complaints).toEqual([]);
    expect(await dataFor(at.client, cookie)).toEqual(SMITH);
  }

  /** The cookie with something else at each of its places. */
  const everywhere = (change: (char: string, index: number) => string[]): string[] =>
    Array.from(cookie).flatMap((char, index) =>
      change(char, index).map((part) => cookie.slice(0, index) + part + cookie.slice(index + 1)),
    );

  /** The cookie with each bit flipped of the bytes that it stands for. */
  function flippedBytes(): string[] {
    const parts = cookie.split('.');
    return parts.flatMap((part, place) => {
      const bytes = Buffer.from(part, 'base64url');
      return Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return parts.with(place, changed.toString('base64url')).join('.');
      });
    });
  }

  test('every bit flipped of every character', async () => {
    const flips = everywhere((char) =>
      Array.from({ length: 8 }, (_, bit) => String.fromCharCode(char.charCodeAt(0) ^ (1 << bit))),
    );
    // Control characters are no header, and answered 400 before anybody looks for a session.
    await expectRefused(
      flips.filter((value) => !/\p{Cc}/u.test(value.replace(/[\x80-\x9f]/g, ''))),
      1500,
    );
  });

  test('every bit flipped of every byte', async () => {
    await expectRefused(flippedBytes(), 1200);
  });

  test('every other character at every place', () => {
    const values = everywhere((char) => ALPHABET.filter((each) => each !== char));
    expect(values).toHaveLength(cookie.length * 63 + (cookie.match(/\./g)?.length ?? 0));
    const opened = values.filter((value) => codec.decode(value, 'SESSID').problem === undefined);
    expect(opened).toEqual([]);
    expect(codec.decode(cookie, 'SESSID').problem).toBeUndefined();
  });

  test('cut at every length, at either end, and with any character missing', async () => {
    const cuts = Array.from(cookie, (_, length) => [cookie.slice(0, length), cookie.slice(length + 1)]);
    await expectRefused([...cuts.flat(), ...everywhere(() => [''])], 500);
  });

  test('with any character twice, or any two in the other order', async () => {
    const swapped = Array.from(
      cookie,
      (_, i) => cookie.slice(0, i) + (cookie[i + 1] ?? '') + (cookie[i] ?? '') + cookie.slice(i + 2),
    );
    await expectRefused([...everywhere((char) => [char + char]), ...swapped.slice(0, -1)], 350);
  });

  test('its beginning with the end of another, cut anywhere', async () => {
    const spliced = Array.from(cookie, (_, i) => [
      cookie.slice(0, i) + other.slice(i),
      other.slice(0, i) + cookie.slice(i),
    ]);
    await expectRefused(spliced.flat(), 100);
  });

  test('stays what it was, whatever a request that came with it has changed', async () => {
    await at.client.post('/set', { json: { user: 'smith', list: [0] } });
    const before = cookieOf(at.client);
    for (let time = 1; time <= 3; time++) {
      at.client.cookies.clear();
      at.client.cookies.set('SESSID', before);
      await at.client.post('/push');
      expect(await (await at.client.get('/data')).json()).toEqual({ user: 'smith', list: [0, 1] });
      expect(await dataFor(at.client, before)).toEqual({ user: 'smith', list: [0] });
    }
    await Promise.all(
      [1, 2, 3].map(() => at.client.post('/push', { headers: { Cookie: `SESSID=${before}` } })),
    );
    expect(await dataFor(at.client, before)).toEqual({ user: 'smith', list: [0] });
  });

  test('made with another key, under the name of that one or of ours', async () => {
    const foreign = codecOf({ kind, keys: [OTHER_KEY] });
    const values = Array.from({ length: 20 }, () => foreign.encode(contentAt(), 'SESSID'));
    const [ours, theirs] = [sessionKeys([KEY]).first.id, sessionKeys([OTHER_KEY]).first.id];
    const renamed = values.map((value) => {
      if (kind === 'signed') return value.replace(theirs, ours);
      const bytes = Buffer.from(value, 'base64url');
      return Buffer.concat([bytes.subarray(0, 1), Buffer.from(ours, 'hex'), bytes.subarray(5)]).toString(
        'base64url',
      );
    });
    await expectRefused([...values, ...renamed], kind === 'signed' ? 2 : 40);
    expect(await dataFor(at.client, codec.encode(contentAt(), 'SESSID'))).toEqual(SMITH);
  });

  test('made for a cookie of another name', async () => {
    const names = ['', 'S', 'SESSI', 'SESSIDX', 'sessid', '__Host-SESSID', '__Secure-SESSID', 'SESSID.'];
    await expectRefused(
      names.map((name) => codec.encode(contentAt(), name)),
      names.length,
    );
  });

  test('of every length that fits into a header', async () => {
    const lengths = [1, 2, 3, 4, 43, 44, 45, 1000, 3999, 4088, 4089, 4090, 4095, 4096, 4097, 8000, 8185];
    const filled = lengths.flatMap((length) => [
      'A'.repeat(length),
      '.'.repeat(length),
      cookie.padEnd(length, 'A'),
      cookie.padEnd(length, '='),
      cookie.padEnd(length, '.'),
      Buffer.alloc(length, 0xff).toString('base64url').slice(0, length),
    ]);
    await expectRefused(filled, 80);
  });

  /** The content of a session, as the seal has it; `undefined` leaves a member out. */
  function contentAt(changes: Readonly<Record<string, unknown>> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, exp: now + 86_400, idle: now };
    return JSON.stringify({ v: 1, sid: 'a', ...times, data: SMITH, flash: {}, ...changes });
  }

  test('genuine, and over, or not yet begun, or without valid times', async () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong = [
      ...[now, now - 1, now - 86_400, 1, 0, -1].map((exp) => ({ exp })),
      ...[now - 7200, now - 7201, 1, 0, -1].map((idle) => ({ idle })),
      ...[now + 90, now + 86_400, 2 ** 53 - 1].flatMap((time) => [{ iat: time }, { idle: time }]),
      ...['iat', 'exp', 'idle'].flatMap((name) =>
        [undefined, 'soon', {}, 1.5, 2 ** 53, 1e300].map((time) => ({ [name]: time })),
      ),
    ];
    await expectRefused(
      wrong.map((changes) => codec.encode(contentAt(changes), 'SESSID')),
      30,
    );
  });

  test('genuine, and not the content of a session', async () => {
    const contents = [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '1',
      '{}',
      `${contentAt()} x`,
      contentAt().slice(0, -1),
    ];
    const changed = [
      { v: 0 },
      { v: 2 },
      { v: '1' },
      { v: undefined },
      { sid: 1 },
      { sid: undefined },
      { data: null },
      { data: [] },
      { data: 'smith' },
      { data: undefined },
      { flash: null },
      { flash: [] },
      { flash: undefined },
      { data: JSON.parse('{"__proto__":{"isAdmin":true}}') as unknown },
      { data: { user: { constructor: 1 } } },
      { flash: JSON.parse('{"a":[{"__proto__":1}]}') as unknown },
    ];
    const all = [...contents, ...changed.map((each) => contentAt(each))];
    await expectRefused(
      all.map((content) => codec.encode(content, 'SESSID')),
      all.length,
    );
  });
});

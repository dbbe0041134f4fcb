/** Sealed values: which of them open, when a new salt is drawn, and what is remembered of them. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { KeyRing, MasterKey } from '../../src/crypto/key-ring.js';
import { Nonces, SealedCodec, type SaltLimits } from '../../src/crypto/sealed-codec.js';
import { stressed } from '../support/stress.js';
import { repeatsOf, saltOf } from './seals.js';

const KEY = randomBytes(32);
const OLD_KEY = randomBytes(32);
const GENUINE = codecOf().encode('text', 'SESSID');
const CHANGED = 'it was changed, or belongs to another cookie';

function codecOf(keys: readonly [Buffer, ...Buffer[]] = [KEY], limits?: SaltLimits): SealedCodec {
  return new SealedCodec(new KeyRing(keys), 'test', limits);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a value', () => {
  const codec = codecOf();
  const value = codec.encode('smith', 'SESSID');

  test.each(['', 'smith', 'Ř', 'x'.repeat(2900)])('%.20j opens again', (text) => {
    expect(codec.decode(codec.encode(text, 'SESSID'), 'SESSID')).toEqual({ text, isOld: false });
  });

  test('opens in another process that has the key', () => {
    expect(codecOf().decode(value, 'SESSID')).toEqual({ text: 'smith', isOld: false });
  });

  test('is version, key id, salt, nonce, ciphertext and tag', () => {
    const bytes = Buffer.from(value, 'base64url');
    expect(bytes).toHaveLength(1 + 4 + 24 + 12 + 5 + 16);
    expect([bytes[0], bytes.toString('hex', 1, 5)]).toEqual([2, new KeyRing([KEY]).first.id]);
  });

  test('of an old key opens, and says so each time', () => {
    const old = codecOf([OLD_KEY]).encode('smith', 'SESSID');
    const both = codecOf([KEY, OLD_KEY]);
    for (let i = 0; i < 2; i++) expect(both.decode(old, 'SESSID')).toEqual({ text: 'smith', isOld: true });
  });

  test.each([
    ['version', 0, 'its version is unknown'],
    ['key id', 1, 'it was sealed with a key that is not ours'],
    ['salt', 5, CHANGED],
    ['nonce', 29, CHANGED],
    ['ciphertext', 41, CHANGED],
    ['tag', -1, CHANGED],
  ])('with another %s is refused, also where its key is remembered', (_name, at, problem) => {
    for (let i = 0; i < 2; i++) {
      const bytes = Buffer.from(value, 'base64url');
      const place = at < 0 ? bytes.length + at : at;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      expect(codec.decode(bytes.toString('base64url'), 'SESSID')).toEqual({ problem });
      expect(codec.decode(value, 'SESSID').problem).toBeUndefined();
    }
  });

  test.each(['', 'SESSI', 'SESSIDX', '__Host-SESSID'])('is refused under the name %j', (name) => {
    expect(codec.decode(value, name)).toEqual({ problem: CHANGED });
  });

  test('for another purpose is refused', () => {
    const other = new SealedCodec(new KeyRing([KEY]), 'another');
    expect(other.decode(value, 'SESSID')).toEqual({ problem: CHANGED });
  });

  test('of version 1 is refused', () => {
    const bytes = Buffer.from(value, 'base64url');
    bytes[0] = 1;
    expect(codec.decode(bytes.toString('base64url'), 'SESSID')).toEqual({
      problem: 'its version is unknown',
    });
  });

  test.each([4, 8, 12, 15])('whose tag is cut to %i bytes is refused', (length) => {
    const bytes = Buffer.from(codec.encode('', 'SESSID'), 'base64url');
    const cut = bytes.subarray(0, bytes.length - 16 + length);
    expect(codec.decode(cut.toString('base64url'), 'SESSID')).toEqual({ problem: 'it is too short' });
  });

  test('longer than any cookie is not looked at', () => {
    expect(codec.decode('A'.repeat(4096), '')).toEqual({ problem: 'it is too long' });
  });
});

describe('salt and nonce', () => {
  test('are never the same twice: many values of one salt', () => {
    expect(repeatsOf(codecOf(), stressed(100_000, 10_000_000))).toEqual({ salts: 1, repeated: 0 });
  });

  test('are never the same twice: 10,000 values of many salts', () => {
    expect(repeatsOf(codecOf([KEY], { values: 10, milliseconds: 1e6 }), 10_000)).toEqual({
      salts: 1000,
      repeated: 0,
    });
  });

  test('no two processes or threads share a salt', async () => {
    const fixture = resolve(import.meta.dirname, 'seal-fixture.ts');
    const options = { env: { ...process.env, NODE_OPTIONS: '' } };
    const run = async (): Promise<string[]> => {
      const args = ['--import', '@oxc-node/core/register', fixture];
      const { stdout } = await promisify(execFile)(process.execPath, args, options);
      return JSON.parse(stdout) as string[];
    };
    const values = (await Promise.all([run(), run()])).flat();
    expect(values).toHaveLength(4);
    expect(new Set(values.map(saltOf)).size).toBe(4);
    const codec = codecOf([Buffer.alloc(32, 'key')]);
    expect(values.map((value) => codec.decode(value, 'SESSID'))).toEqual(
      values.map(() => ({ text: 'text', isOld: false })),
    );
  });
});

describe('nonces', () => {
  /** Whether both come from one draw. */
  const areOfOneDraw = (one: Buffer, other: Buffer): boolean => one.buffer === other.buffer;

  test('are 12 bytes each, and each another', () => {
    const nonces = new Nonces();
    const all = Array.from({ length: 1000 }, () => nonces.next(0));
    expect(all.every(({ length }) => length === 12)).toBe(true);
    expect(new Set(all.map((nonce) => nonce.toString('hex'))).size).toBe(1000);
  });

  test.each([
    ['a moment later', 10, true],
    ['later than 10 milliseconds', 11, false],
    ['on a clock that was set back', -11, false],
  ])('that were drawn ahead are used or not: %s', (_name, later, isUsed) => {
    const nonces = new Nonces();
    expect(areOfOneDraw(nonces.next(1e12), nonces.next(1e12 + later))).toBe(isUsed);
  });
});

describe('a new salt is drawn', () => {
  const sealTwice = (codec: SealedCodec): boolean =>
    saltOf(codec.encode('', 'SESSID')) === saltOf(codec.encode('', 'SESSID'));

  test('for each name, and for each first key', () => {
    const codec = codecOf();
    const values = [
      codec.encode('', 'SESSID'),
      codec.encode('', '__Host-SESSID'),
      codecOf([OLD_KEY, KEY]).encode('', 'SESSID'),
    ];
    expect(new Set(values.map(saltOf)).size).toBe(3);
    expect(sealTwice(codec)).toBe(true);
  });

  test('after as many values as one is good for', () => {
    const codec = codecOf([KEY], { values: 3, milliseconds: 1e6 });
    const salts = Array.from({ length: 7 }, () => saltOf(codec.encode('', 'SESSID')));
    expect(salts.map((salt) => salts.indexOf(salt))).toEqual([0, 0, 0, 3, 3, 3, 6]);
  });

  test('after an hour, and not before', () => {
    let now = 1e12;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const codec = codecOf();
    const salts = [0, 3_599_999, 3_600_000, 3_600_001].map((milliseconds) => {
      now = 1e12 + milliseconds;
      return saltOf(codec.encode('', 'SESSID'));
    });
    expect(salts.map((salt) => salts.indexOf(salt))).toEqual([0, 0, 2, 2]);
  });

  test('not before the first value', () => {
    const derive = jest.spyOn(MasterKey.prototype, 'derive');
    const codec = new SealedCodec(new KeyRing([KEY]), 'test');
    const purposes = (): string[] => derive.mock.calls.map(([purpose]) => purpose);
    expect(purposes()).toEqual(['obol-key-id-v1']);
    codec.encode('', 'SESSID');
    codec.encode('', 'SESSID');
    expect(purposes()).toEqual(['obol-key-id-v1', 'test:SESSID']);
  });
});

describe('a derived key', () => {
  /** How often keys are derived while a codec opens values. */
  function derivations(codec: SealedCodec, values: Iterable<string>): number {
    const derive = jest.spyOn(MasterKey.prototype, 'derive');
    let forgotten = 0;
    for (const value of values) {
      codec.decode(value, 'SESSID');
      // Remembering every call would take longer than all the rest, and so would forgetting each.
      if (derive.mock.calls.length < 1000) continue;
      forgotten += derive.mock.calls.length;
      derive.mockClear();
    }
    const derived = forgotten + derive.mock.calls.length;
    derive.mockRestore();
    return derived;
  }

  /** Values with the ids of the key and salts that nobody has drawn. */
  function* forged(count: number): Iterable<string> {
    const bytes = Buffer.from(GENUINE, 'base64url');
    for (let i = 0; i < count; i++) {
      bytes.writeUInt32BE(i, 5);
      yield bytes.toString('base64url');
    }
  }

  test('is remembered when it has opened a value', () => {
    const value = codecOf().encode('text', 'SESSID');
    expect(derivations(codecOf(), [value, value, value])).toBe(1);
  });

  test('is not remembered for a value that it does not open', () => {
    const [value = ''] = forged(1);
    expect(derivations(codecOf(), [value, value, value])).toBe(3);
  });

  test('stays while 100,000 values with other salts are refused', () => {
    const codec = codecOf();
    const values = Array.from({ length: 500 }, () => codecOf().encode('text', 'SESSID'));
    expect(derivations(codec, values)).toBe(500);
    expect(derivations(codec, forged(100_000))).toBe(100_000);
    expect(derivations(codec, values)).toBe(0);
  });

  test('is one of 1,024 at most', () => {
    const codec = codecOf();
    const values = Array.from({ length: 1500 }, () => codecOf().encode('text', 'SESSID'));
    expect(derivations(codec, values)).toBe(1500);
    const again = derivations(codec, values.slice(-1024).reverse());
    expect(again).toBeLessThanOrEqual(1024);
    expect(derivations(codec, values.slice(0, 476))).toBe(476);
  });
});

test('printing shows no key', () => {
  const codec = codecOf([Buffer.alloc(32, 'secret')]);
  codec.decode(codec.encode('text', 'SESSID'), 'SESSID');
  expect(inspect(codec, { depth: Infinity, showHidden: true })).toBe('SealedCodec {}');
});

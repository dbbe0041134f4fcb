import { spawnSync } from 'node:child_process';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ObolError } from '../../src/ground/errors.js';
import { consoleLogger, crashLine, oneLine } from '../../src/ground/logger.js';
import { expectWithin } from '../support/timing.js';

const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;

test.each(['error', 'warn'] as const)('the console takes what is an %s', (level) => {
  const write = jest.spyOn(console, level).mockReturnValue();
  consoleLogger[level]('so it is');
  expect(write.mock.calls).toEqual([['so it is']]);
  write.mockRestore();
});

test('what is for debugging is written only when the environment asks', () => {
  const script = `import { consoleLogger } from './src/ground/logger.ts'; consoleLogger.debug?.('so %s it is');`;
  const run = (environment: NodeJS.ProcessEnv): string => {
    const args = ['--import', '@oxc-node/core/register', '--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    return (stdout + stderr).replaceAll(String(/\d+/.exec(stderr)?.[0]), 'PID');
  };
  expect(run({ NODE_DEBUG: '' })).toBe('');
  expect(run({ NODE_DEBUG: 'obol' })).toBe('OBOL PID: so %s it is\n');
});

describe('oneLine', () => {
  test.each([
    ['plain žluť 😀', 'plain žluť 😀'],
    ['a\nb', 'a\\nb'],
    ['a\r\nb\t', 'a\\x0d\\nb\\x09'],
    ['\x1b[31m', '\\x1b[31m'],
    ['\x9b\x7f\0', '\\x9b\\x7f\\x00'],
    ['\u2028\u2029', '\\u2028\\u2029'],
  ])('writes %j as %j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  test('keeps 2,048 bytes and cuts what is longer', () => {
    expect(oneLine('a'.repeat(2048))).toBe('a'.repeat(2048));
    expect(oneLine('a'.repeat(2049))).toBe(`${'a'.repeat(2045)}…`);
  });

  test('cuts no character in two', () => {
    expect(oneLine('😀'.repeat(600))).toBe(`${'😀'.repeat(511)}…`);
  });

  test('names the code of a mistake, which stands in the catalogue', () => {
    expect(crashLine('GET /', new ObolError('E_STATUS', 'no: wrong'))).toMatch(
      /^GET \/: ObolError \[E_STATUS\]: no: wrong \| at /,
    );
    const foreign = Object.assign(new Error('gone'), { code: 'ENOENT' });
    expect(crashLine('GET /', foreign)).toMatch(/^GET \/: Error: gone \| at /);
  });

  test('makes one line of at most 2 KiB of any text', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('\n', '\x1b', '\u2028', 'a', '€'), fc.string()),
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 3000 }), (piece, times) => {
        const line = oneLine(piece.repeat(times).slice(0, 10_000));
        expect(line).toMatch(ONE_LINE);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2048);
      }),
    );
  });
});

describe('crashLine', () => {
  test('holds the summary, the error and its stack', () => {
    const line = crashLine('GET /a', new RangeError('too old'));
    expect(line).toMatch(/^GET \/a: RangeError: too old \| at .*logger\.test/);
    expect(line).toMatch(ONE_LINE);
  });

  test('names the cause', () => {
    const error = new Error('outer', { cause: 'inner' });
    error.stack = 'Error: outer\n    at f (a.ts:1:2)\n    at g (b.ts:3:4)';
    expect(crashLine('GET /', error)).toBe(
      "GET /: Error: outer | at f (a.ts:1:2) | at g (b.ts:3:4) | caused by 'inner'",
    );
  });

  test('shows an error without a stack by its name and message', () => {
    const error = new TypeError('no');
    Object.defineProperty(error, 'stack', { value: undefined });
    expect(crashLine('GET /', error)).toBe('GET /: TypeError: no');
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['te\nxt', "'te\\\\nxt'"],
    [{ a: { b: {} } }, '{ a: { b: {} } }'],
    [42, '42'],
  ])('shows the thrown value %j', (value, shown) => {
    expect(crashLine('GET /', value)).toBe(`GET /: thrown ${shown.replace('\\\\', '\\')}`);
  });

  test('survives an error that breaks when it is looked at', () => {
    const error = new Error('x');
    Object.defineProperty(error, 'stack', {
      get: () => {
        throw new Error('gotcha');
      },
    });
    expect(crashLine('GET /', error)).toBe('GET /: thrown a value that cannot be shown');
  });

  test('escapes what the message says, so that it forges no line', () => {
    expect(crashLine('GET /', new Error('x\nGET / 200'))).toContain('x\\nGET / 200');
  });

  test.each(['\n', ' ', '\n ', '\n at', '\t'])('takes linear time for a message of many %j', (piece) => {
    const error = new Error(piece.repeat(256 * 1024));
    expectWithin(500, () => crashLine('GET /', error));
  });
});

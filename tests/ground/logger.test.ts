/** Loggers that users give, and the lines that reach them: clean, bounded, complete. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ObolError } from '../../src/ground/errors.js';
import type { Level, Logger } from '../../src/ground/log/log.js';
import { defaultLog, LateLogger, logOf } from '../../src/ground/log/logger.js';
import { oneLine } from '../../src/ground/log/one-line.js';
import { showError } from '../../src/ground/log/shown-error.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { expectWithin } from '../support/timing.js';

const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;
const LEVEL_NAMES: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** A logger of pino's manner with these levels, and what it was given. */
function given(levels: readonly Level[]): { logger: Logger; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const methods = levels.map((level) => [level, (...args: unknown[]) => void calls.push([level, ...args])]);
  return { logger: Object.fromEntries(methods) as Logger, calls };
}

describe('a logger of pino', () => {
  test('gets fields and message, the error itself among them', () => {
    const { logger, calls } = given(LEVEL_NAMES);
    const err = new Error('gone');
    const log = logOf(logger);
    for (const level of LEVEL_NAMES) log[level]({ err }, 'a crash');
    log.info('alone');
    log.error(err);
    expect(calls).toEqual([
      ...LEVEL_NAMES.map((level) => [level, { err }, 'a crash']),
      ['info', 'alone'],
      ['error', { err }, undefined],
    ]);
  });

  test('is called as a method of its own', () => {
    const lines: unknown[] = [];
    class Own {
      readonly lines = lines;
      error(...args: unknown[]): void {
        this.lines.push(args);
      }
      warn(): void {
        throw new Error('not asked for');
      }
    }
    logOf(new Own()).error('a crash');
    expect(lines).toEqual([['a crash']]);
  });

  test('gets messages in one line, however the client wrote them', () => {
    const { logger, calls } = given(['error', 'warn']);
    logOf(logger).warn('a\n\x1b[31mb');
    logOf(logger).error({}, 'a\r\u202eb');
    expect(calls).toEqual([
      ['warn', 'a\\n\\x1b[31mb'],
      ['error', {}, 'a\\x0d\\u202eb'],
    ]);
  });

  test('that lacks optional levels is spared them, but for what is fatal', () => {
    const { logger, calls } = given(['error', 'warn']);
    const log = logOf(logger);
    for (const level of LEVEL_NAMES) log[level](level);
    expect(calls).toEqual([
      ['warn', 'warn'],
      ['error', 'error'],
      ['error', 'fatal'],
    ]);
    expect(LEVEL_NAMES.filter((level) => log.isLevelEnabled(level))).toEqual(['warn', 'error', 'fatal']);
  });

  test('says itself which levels are enabled', () => {
    const { logger, calls } = given(LEVEL_NAMES);
    const log = logOf(Object.assign(logger, { isLevelEnabled: (level: Level) => level !== 'info' }));
    log.info('not wanted');
    log.warn('wanted');
    expect(calls).toEqual([['warn', 'wanted']]);
  });

  const broken = (): never => {
    throw new Error('no disk');
  };
  const rejecting: () => unknown = () => Promise.reject(new Error('no disk'));
  const works = (): void => undefined;

  test.each<[string, Logger]>([
    ['throws', { error: broken, warn: broken }],
    ['rejects', { error: rejecting, warn: rejecting }],
    [
      'throws what it has to say of levels',
      Object.assign({ error: broken, warn: works }, { isLevelEnabled: broken }),
    ],
    [
      'throws when its methods are read',
      Object.defineProperty({ error: works, warn: works }, 'error', { get: broken }),
    ],
  ])('that %s stops nothing: the line goes to the standard error stream', async (_, logger) => {
    const write = jest.spyOn(console, 'error').mockReturnValue();
    logOf(logger).error('a crash');
    await new Promise(setImmediate);
    expect(write.mock.calls).toEqual([[expect.stringMatching(/ERROR a crash$/)]]);
    write.mockRestore();
  });

  test('that throws for a line of little importance does not make it one of the standard error stream', () => {
    const write = jest.spyOn(console, 'warn').mockReturnValue();
    logOf({ error: works, warn: works, debug: broken }).debug('a detail');
    expect(write.mock.calls).toEqual([]);
    write.mockRestore();
  });
});

describe('the console', () => {
  const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
  let written: unknown[][];

  beforeEach(() => {
    written = [];
    for (const level of LEVELS)
      jest.spyOn(console, level).mockImplementation((...args) => void written.push([level, ...args]));
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('gets text, by its methods of the same name', () => {
    const log = logOf(console);
    for (const level of LEVEL_NAMES) log[level]({ id: 7 }, 'so it is');
    const text = 'so it is id=7';
    expect(written).toEqual([
      ...['debug', 'debug', 'info', 'warn', 'error', 'error'].map((method) => [method, text]),
    ]);
  });

  test('gets an error with its stack below the message', () => {
    logOf(console).error({ err: new RangeError('too\nold') }, 'GET /');
    expect(written[0]?.[1]).toMatch(/^GET \/\n {2}RangeError: too\\nold\n {6}at .*logger\.test/);
  });

  test('is where lines go by default in tests, from warnings on', () => {
    for (const level of LEVEL_NAMES) defaultLog[level]('so %s it is');
    expect(written).toEqual([
      ['warn', expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}so %s it is$/)],
      ['error', expect.stringMatching(/^[\d:.]+ ERROR so %s it is$/)],
      ['error', expect.stringMatching(/^[\d:.]+ FATAL so %s it is$/)],
    ]);
  });
});

test('a logger of an application that is still to start writes to that of the application from then on', () => {
  const [first, second] = [collectingLogger(), collectingLogger()];
  const late = new LateLogger(first);
  late.warn('before');
  late.start(second);
  late.warn({ id: 7 }, 'after');
  expect([first.warnings, second.warnings, second.fields]).toEqual([['before'], ['after'], [{ id: 7 }]]);
  expect(late.isLevelEnabled('trace')).toBe(true);
});

test('fields of a child are in each of its lines, and no field of a line stands in for them', () => {
  const log = collectingLogger();
  const child = log.child({ reqId: 'a' }).child({ job: 1 });
  child.info('alone');
  child.info({ reqId: 'forged', name: 'x' }, 'with fields');
  expect(log.fields).toEqual([
    { reqId: 'a', job: 1 },
    { reqId: 'a', job: 1, name: 'x' },
  ]);
  child.child({ job: 2 }).info('another job');
  expect(log.fields.at(-1)).toEqual({ reqId: 'a', job: 2 });
  expect(child.isLevelEnabled('debug')).toBe(true);
});

describe('oneLine', () => {
  test.each([
    ['plain žluť 😀', 'plain žluť 😀'],
    ['a\nb', 'a\\nb'],
    ['a\r\nb\t', 'a\\x0d\\nb\\x09'],
    ['\x1b[31m', '\\x1b[31m'],
    ['\x9b\x7f\0', '\\x9b\\x7f\\x00'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u202egnp.exe\u2066\u061c\u200e', '\\u202egnp.exe\\u2066\\u061c\\u200e'],
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

describe('showError', () => {
  test('has class, message, stack and code', () => {
    const error = new ObolError('E_STATUS', 'no: wrong');
    expect(showError(error)).toEqual({
      type: 'ObolError',
      message: 'no: wrong',
      stack: error.stack,
      code: 'E_STATUS',
    });
  });

  test('names an error that has no name of its own by its class', () => {
    class Unnamed extends Error {}
    expect(showError(new Unnamed('x')).type).toBe('Unnamed');
    expect(showError(new DOMException('x', 'AbortError')).type).toBe('AbortError');
  });

  test('follows causes and what an error is made of, not for ever', () => {
    const error = new AggregateError([new Error('a'), 'b'], 'both', { cause: new TypeError('why') });
    expect(showError(error)).toMatchObject({
      type: 'AggregateError',
      cause: { type: 'TypeError', message: 'why' },
      aggregateErrors: [{ message: 'a' }, { type: 'string', message: "thrown 'b'" }],
    });
    const circle = new Error('circle');
    circle.cause = circle;
    expect(JSON.stringify(showError(circle)).match(/"circle"/g)).toHaveLength(5);
  });

  test('shows nothing else that an error carries, which may be secret', () => {
    const error = Object.assign(new Error('no answer'), {
      config: { headers: { Authorization: 'Bearer x' } },
    });
    expect(JSON.stringify(showError(error))).not.toContain('Bearer');
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['te\nxt', "'te\\nxt'"],
    [{ a: { b: {} } }, '{ a: { b: {} } }'],
    [42, '42'],
  ])('shows the thrown value %j', (value, shown) => {
    expect(showError(value)).toEqual({ type: typeof value, message: `thrown ${shown}`, stack: '' });
  });

  test.each(['stack', 'message', 'cause', 'name', 'code'])(
    'survives an error whose %s cannot be read',
    (part) => {
      const error = new Error('x');
      Object.defineProperty(error, part, {
        get: () => {
          throw new Error('gotcha');
        },
      });
      expect(showError(error).message).toBe('thrown a value that cannot be shown');
    },
  );

  test.each(['stack', 'message', 'name', 'code'])('survives an error whose %s is no text', (part) => {
    const error = Object.defineProperty(new Error('x'), part, { value: { odd: 1 } });
    expect(showError(error)).toMatchObject({ type: 'Error' });
  });

  test.each(['\n', ' ', '\n ', '\n at', '\t'])('takes linear time for a message of many %j', (piece) => {
    const error = new Error(piece.repeat(256 * 1024));
    expectWithin(500, () => showError(error));
  });
});

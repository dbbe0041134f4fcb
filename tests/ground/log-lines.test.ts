/** What stands in a log: JSON lines for machines, and text for people. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { logger, type LoggerOptions } from 'obol/log';

/** What a logger with these options writes. */
function written(options: LoggerOptions = {}): { log: ReturnType<typeof logger>; text: () => string } {
  let text = '';
  const stream = { write: (piece: string) => void (text += piece) };
  return { log: logger({ stream, level: 'trace', ...options }), text: () => text };
}

/** The JSON line that a message with these fields becomes. */
function lineOf(fields: object, message?: string): Record<string, unknown> {
  const { log, text } = written();
  log.info(fields, message);
  expect(text().match(/\n/g)).toHaveLength(1);
  return JSON.parse(text()) as Record<string, unknown>;
}

function withStack<E extends Error>(error: E, ...frames: readonly string[]): E {
  error.stack = [String(error), ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('JSON lines', () => {
  test('have level, time and message as those of pino', () => {
    jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
    const { log, text } = written();
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[level](level);
    log.info({ id: 7 });
    expect(text().trimEnd().split('\n')).toEqual([
      '{"level":10,"time":1700000000000,"msg":"trace"}',
      '{"level":20,"time":1700000000000,"msg":"debug"}',
      '{"level":30,"time":1700000000000,"msg":"info"}',
      '{"level":40,"time":1700000000000,"msg":"warn"}',
      '{"level":50,"time":1700000000000,"msg":"error"}',
      '{"level":60,"time":1700000000000,"msg":"fatal"}',
      '{"level":30,"time":1700000000000,"id":7}',
    ]);
  });

  test('hold an error by its parts, and say by its message what a line without one is about', () => {
    const error = new TypeError('no', { cause: new Error('why') });
    expect(lineOf({ err: error })).toMatchObject({
      err: { type: 'TypeError', message: 'no', stack: error.stack, cause: { type: 'Error', message: 'why' } },
      msg: 'no',
    });
    expect(lineOf(error, 'a crash')).toMatchObject({ err: { message: 'no' }, msg: 'a crash' });
  });

  test.each<[unknown, object]>([
    ['so it is', { type: 'string', message: "thrown 'so it is'", stack: '' }],
    [5, { type: 'number', message: 'thrown 5', stack: '' }],
    [null, { type: 'object', message: 'thrown null', stack: '' }],
    [Symbol('s'), { type: 'symbol', message: 'thrown Symbol(s)', stack: '' }],
    [{ a: 1 }, { type: 'object', message: 'thrown { a: 1 }', stack: '' }],
  ])('hold what was thrown and is no error, %p, by the same parts', (thrown, parts) => {
    expect(lineOf({ err: thrown }, 'a crash')['err']).toEqual(parts);
  });

  const circle: Record<string, unknown> = { name: 'circle' };
  circle['self'] = circle;

  test.each<[string, unknown, unknown]>([
    ['text', 'ž"\\\n', 'ž"\\\n'],
    ['numbers', -1.5, -1.5],
    ['numbers that JSON has not', NaN, 'NaN'],
    ['bigints', 9_007_199_254_740_993n, '9007199254740993'],
    ['flags', false, false],
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['functions', () => 1, undefined],
    ['symbols', Symbol('x'), undefined],
    ['objects', { a: [1, { b: 'c' }] }, { a: [1, { b: 'c' }] }],
    ['dates', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['what is undefined as JSON', { toJSON: () => undefined }, undefined],
    ['circles', circle, expect.stringContaining('[Circular *1]')],
    ['bigints in objects', { id: 1n }, '{ id: 1n }'],
    ['what throws', { toJSON: () => JSON.parse('{') as unknown }, expect.stringContaining('toJSON')],
    ['half a character', '\ud800', '\ud800'],
    ['errors of any name', new Error('x'), expect.objectContaining({ type: 'Error', message: 'x' })],
  ])('hold %s', (_, value, expected) => {
    expect(lineOf({ value }, 'x')['value']).toEqual(expected);
  });

  test('survive depths that JSON.stringify does not', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(lineOf({ deep }, 'x')).toMatchObject({ msg: 'x' });
  });

  test('have no character that steers a terminal or forges a line, wherever it stands', () => {
    const hostile = '\n\x1b[2J\x9b1m\x7f\u2028\u202e\u2066';
    const { log, text } = written();
    log.error({ err: new Error(hostile), [hostile]: hostile, in: { [hostile]: [hostile] } }, hostile);
    expect(text().slice(0, -1)).toMatch(/^[^\p{Cc}\u2028\u2029\u202e\u2066]*$/u);
    expect(JSON.parse(text())).toMatchObject({
      msg: hostile,
      [hostile]: hostile,
      in: { [hostile]: [hostile] },
    });
  });

  test('let no field stand in for level, time and message', () => {
    const line = lineOf({ level: 60, time: 0, msg: 'forged', name: 'x' }, 'true');
    expect(line).toMatchObject({ level: 30, msg: 'true', level_: 60, time_: 0, msg_: 'forged', name: 'x' });
  });

  test('of a child begin with its fields, and keep those of a line beside them', () => {
    const { log, text } = written();
    log.child({ reqId: 'a', job: 1 }).child({ job: 2 }).info({ reqId: 'forged', name: 'x' }, 'm');
    expect(text()).toMatch(
      /^\{"level":30,"time":\d+,"reqId":"a","job":2,"reqId_":"forged","name":"x","msg":"m"\}\n$/,
    );
  });

  test('are of bounded length', () => {
    const long = 'x'.repeat(100_000);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${String(i)}`, long]));
    const { log, text } = written();
    log.error({ err: new Error(long, { cause: new Error(long) }), list: [long], ...many }, long);
    expect(text().length).toBeLessThan(36_000);
    expect(JSON.parse(text())).toMatchObject({ err: { type: 'Error' }, f0: expect.stringMatching(/^x+…$/) });
  });

  test('show what fields throw that cannot be read', () => {
    const broken = {
      get name(): string {
        throw new RangeError('gotcha');
      },
    };
    expect(lineOf(broken, 'x')).toMatchObject({ msg: 'x', err: { type: 'RangeError', message: 'gotcha' } });
  });

  test('are written from the level on that is asked for', () => {
    const { log, text } = written({ level: 'warn' });
    log.info('not wanted');
    log.warn('wanted');
    expect(text()).toMatch(/"msg":"wanted"}\n$/);
    expect([log.isLevelEnabled('info'), log.isLevelEnabled('warn')]).toEqual([false, true]);
    const silent = written({ level: 'silent' });
    silent.log.fatal('not wanted');
    expect(silent.text()).toBe('');
  });
});

describe('text for people', () => {
  const USER = join(process.cwd(), 'app/main.ts');
  const OWN = join(process.cwd(), 'src/dispatch/invoke.ts');

  function shown(fields: object, message?: string, options: LoggerOptions = {}): string {
    const { log, text } = written({ pretty: true, ...options });
    log.error(fields, message);
    return text().replace(/^\d\d:\d\d:\d\d\.\d{3} /, 'TIME ');
  }

  test('has time, level and message in one line, then fields that the message does not name', () => {
    expect(shown({ reqId: 'a1', status: 413, tags: ['x'] }, 'POST /: 413 too large')).toBe(
      "TIME ERROR POST /: 413 too large reqId=a1 tags=[ 'x' ]\n",
    );
  });

  test('has an error below, its frames as paths from here, those of Obol and Node.js folded', () => {
    const error = withStack(
      new RangeError('too old', { cause: withStack(new Error('why'), `read (${USER}:3:4)`) }),
      `People.show (${pathToFileURL(USER).href}:12:7)`,
      `call (${OWN}:1:2)`,
      `${pathToFileURL(OWN).href}:3:4`,
      `${USER}:9:9`,
      'process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    );
    expect(shown({ err: error }, 'GET /people (People.show)')).toBe(
      [
        'TIME ERROR GET /people (People.show)',
        '  RangeError: too old',
        '      at People.show (app/main.ts:12:7)',
        '      ... 2 of Obol and Node.js',
        '      at app/main.ts:9:9',
        '      ... 1 of Obol and Node.js',
        '    caused by: Error: why',
        '        at read (app/main.ts:3:4)',
        '',
      ].join('\n'),
    );
  });

  test('keeps all frames of an error that has none but ours', () => {
    const error = withStack(new Error('ours'), `call (${OWN}:1:2)`, 'emit (node:events:1:2)');
    expect(shown({ err: error }, 'x').split('\n').slice(2, -1)).toEqual([
      `      at call (${OWN}:1:2)`,
      '      at emit (node:events:1:2)',
    ]);
  });

  test('shows what was thrown and is no error, and errors of several, one below the other', () => {
    expect(shown({ err: 'gone' })).toBe("TIME ERROR thrown 'gone'\n  string: thrown 'gone'\n");
    const several = withStack(
      new AggregateError([withStack(new Error('a')), withStack(new Error('b'))], 'both'),
    );
    expect(shown({ err: several }, 'x')).toBe(
      'TIME ERROR x\n  AggregateError: both\n    one of them: Error: a\n    one of them: Error: b\n',
    );
  });

  test('has no character that steers a terminal or forges a line, wherever it stands', () => {
    const hostile = 'a\n12:00:00.000 ERROR forged\x1b[2J\x9b\u202e\r';
    const error = new Error(hostile);
    error.stack = `Error: ${hostile}\n    at ${hostile}\n    at file:///%zz:1:2 (x)`;
    const text = shown({ err: error, [hostile]: hostile, list: [hostile] }, hostile);
    expect(text.replaceAll(/\n {2}|\n$/g, '')).toMatch(/^[^\p{Cc}\u202e]*$/u);
    expect(text.split('\n').filter((line) => line.startsWith('12:'))).toEqual([]);
  });

  test('is coloured where that is asked for', () => {
    const error = withStack(new Error('x'), `${USER}:1:1`, 'emit (node:events:1:2)');
    expect(shown({ err: error, id: 7 }, 'm', { colour: true })).toMatch(
      /^\x1b\[2m[\d:.]+\x1b\[0m \x1b\[31mERROR\x1b\[0m m \x1b\[2mid=7\x1b\[0m\n {2}\x1b\[1mError\x1b\[0m: x\n {6}at app.main\.ts:1:1\n {6}\x1b\[2m\.\.\. 1 of/,
    );
  });

  test.each<[string, { isTTY: boolean; NO_COLOR?: string; TERM?: string }, RegExp]>([
    ['coloured text for a terminal', { isTTY: true }, /^\x1b\[2m.*\x1b\[33mWARN/],
    [
      'plain text for a terminal of a user who wants no colours',
      { isTTY: true, NO_COLOR: '1' },
      /^[\d:.]+ WARN {2}x\n$/,
    ],
    ['coloured text where NO_COLOR is empty', { isTTY: true, NO_COLOR: '' }, /^\x1b\[2m/],
    [
      'plain text for a terminal that knows no colours',
      { isTTY: true, TERM: 'dumb' },
      /^[\d:.]+ WARN {2}x\n$/,
    ],
    ['JSON lines for all else', { isTTY: false }, /^\{"level":40,/],
  ])('by default: %s', (_, { isTTY, ...environment }, expected) => {
    let text = '';
    const before = { ...process.env };
    delete process.env['NO_COLOR'];
    Object.assign(process.env, { TERM: 'xterm' }, environment);
    try {
      logger({ stream: { isTTY, write: (piece) => void (text += piece) } }).warn('x');
    } finally {
      process.env = before;
    }
    expect(text).toMatch(expected);
  });

  test('shows what cannot be looked at', () => {
    const broken = {
      get [Symbol.toStringTag](): string {
        throw new Error('gotcha');
      },
    };
    expect(shown({ broken }, 'x')).toBe('TIME ERROR x broken=a value that cannot be shown\n');
    const { log, text } = written();
    log.info({ broken: Object.assign(broken, { id: 1n }) }, 'x');
    expect(text()).toContain('"broken":"a value that cannot be shown"');
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'obol-log-'));

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('gets lines added, whole and at once, and only its owner and group read them', () => {
    const file = join(folder, 'app.log');
    for (const name of ['one', 'žluť']) logger({ file: pathToFileURL(file) }).info({ name }, 'x');
    logger({ file, pretty: true }).info('for people');
    expect(readFileSync(file, 'utf8')).toMatch(
      /^\{.*"one".*\}\n\{.*"žluť".*\}\n[\d:.]+ INFO {2}for people\n$/,
    );
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
});

test.each<[LoggerOptions, RegExp]>([
  [{ level: 'loud' as 'info' }, /level: "loud" is not "trace" or/],
  [{ file: '' }, /file/],
  [{ file: '/none/of/these/app.log' }, /^logger: file: it cannot be written to: ENOENT/],
  [{ stream: {} as { write: () => void } }, /stream: it has no method write\(\); give a stream/],
  [{ pretty: 1 as unknown as boolean }, /pretty: 1 is not true or false/],
  [{ file: 'a', stream: process.stdout }, /file and stream exclude each other/],
  [{ colours: true } as LoggerOptions, /colours/],
])('the options %j are a mistake', (options, message) => {
  expect(() => logger(options)).toThrow(expect.objectContaining({ code: 'E_SETTING' }));
  expect(() => logger(options)).toThrow(message);
});

test('what cannot be written goes to the standard error stream, and stops nothing', () => {
  const write = jest.spyOn(console, 'error').mockReturnValue();
  const log = logger({ file: '/dev/full' });
  log.info('x');
  expect(write.mock.calls).toEqual([[expect.stringMatching(/"msg":"x"}$/)]]);
});

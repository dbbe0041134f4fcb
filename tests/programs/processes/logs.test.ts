/** The log of a program without a logger: in a terminal, in a pipe, and as the environment asks for it. */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const NODE = [process.execPath, '--import', '@oxc-node/core/register', 'tests/programs/fixtures/logging.ts'];

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const unset = { NODE_ENV: undefined, NO_COLOR: undefined, NODE_DEBUG: undefined };
  return { ...process.env, ...unset, NODE_OPTIONS: '', TERM: 'xterm', ...more };
}

/** What it writes to the standard error stream, a pipe. */
function piped(env: Readonly<Record<string, string>> = {}): string {
  const [program = '', ...args] = NODE;
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: environment(env) });
  expect(stdout).toBe('');
  return stderr;
}

/** What a terminal shows, which has one stream. */
function shown(env: Readonly<Record<string, string>> = {}): string {
  const args = ['-qec', NODE.join(' '), '/dev/null'];
  const { stdout } = spawnSync('script', args, { encoding: 'utf8', env: environment(env) });
  return stdout.replaceAll('\r\n', '\n').replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME');
}

test('is JSON lines where nothing is set, with errors, routes and ids', () => {
  const lines = piped()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual([
    {
      level: 50,
      time: expect.any(Number),
      reqId: 'id-1',
      route: 'PeopleController.show',
      err: {
        type: 'RangeError',
        message: 'no\n\x1b[31mperson smith',
        stack: expect.stringContaining('at People.find'),
        cause: { type: 'Error', message: 'the store is empty', stack: expect.any(String) },
      },
      msg: 'GET /people/smith (PeopleController.show)',
    },
    {
      level: 30,
      time: expect.any(Number),
      reqId: 'id-1',
      route: 'PeopleController.add',
      status: 400,
      msg: 'POST /people (PeopleController.add): 400 The body is not valid JSON',
    },
  ]);
});

test('is text in development, with details where NODE_DEBUG asks for them', () => {
  const text = piped({ NODE_ENV: 'development', NODE_DEBUG: 'obol' });
  expect(text).toMatch(/^[\d:.]+ DEBUG A person is looked for name=smith reqId=id-1\n[\d:.]+ ERROR GET /);
  expect(text).not.toContain('\x1b');
});

const inTerminal = process.platform === 'linux' ? test : test.skip;

inTerminal('is coloured text in a terminal, without the frames of Obol', () => {
  const text = shown();
  const [first, error, frame] = text.split('\n');
  expect(first).toBe(
    '\x1b[2mTIME\x1b[0m \x1b[31mERROR\x1b[0m GET /people/smith (PeopleController.show) \x1b[2mreqId=id-1\x1b[0m',
  );
  expect(error).toBe('  \x1b[1mRangeError\x1b[0m: no\\n\\x1b[31mperson smith');
  expect(frame).toMatch(/^ {6}at People\.find \(tests\/programs\/fixtures\/logging\.ts:\d+:\d+\)$/);
  expect(text).toMatch(/\x1b\[2m\.\.\. \d+ of Obol and Node\.js\x1b\[0m/);
  expect(text).toContain('    caused by: \x1b[1mError\x1b[0m: the store is empty');
  expect(text).not.toMatch(/src\/dispatch|secret/);
});

inTerminal('is plain text in a terminal of a user who wants no colours', () => {
  expect(shown({ NO_COLOR: '1' })).toMatch(/^TIME ERROR GET \/people\/smith/);
});

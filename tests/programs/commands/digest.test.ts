/** `obol digest` as a program: passwords from standard input and from a terminal, and its exit codes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hexdigest } from 'obol/auth';
import { CommandEnvironment, type CommandResult } from 'obol/testing';
import { obolCommand } from '../../support/program.js';

const OBOL = [...obolCommand(), 'digest'];
const LINE = `user:User Zone:${hexdigest('user', 'User Zone', 'looser')}\n`;
const ME = ['User Zone', 'user'];

const FILE = 'users.digest';

let environment: CommandEnvironment;

beforeEach(() => {
  environment = new CommandEnvironment();
});

afterEach(() => {
  environment.remove();
});

/** Runs it with some standard input. */
function obol(args: readonly string[], stdin = ''): Promise<CommandResult> {
  return environment.run(process.execPath, [...OBOL, ...args], { stdin, env: { NODE_OPTIONS: '' } });
}

const UNTOUCHED = { created: [], changed: [], deleted: [] };

test('makes a file, verifies a password and takes the user away', async () => {
  expect(await obol(['-c', FILE, ...ME], 'looser\nlooser\n')).toEqual({
    ...UNTOUCHED,
    code: 0,
    stdout: 'Adding user user in realm User Zone.\n',
    stderr: '',
    created: [FILE],
  });
  expect(environment.read(FILE)).toBe(LINE);
  expect(await obol(['-v', FILE, ...ME], 'looser\n')).toMatchObject({ ...UNTOUCHED, code: 0 });
  expect(await obol(['-v', FILE, ...ME], 'wrong\n')).toMatchObject({
    ...UNTOUCHED,
    code: 2,
    stderr: 'obol digest: Invalid user.\n',
  });
  expect(await obol(['-D', FILE, ...ME])).toMatchObject({ ...UNTOUCHED, code: 0, changed: [FILE] });
  expect(environment.read(FILE)).toBe('');
});

test('adds to a file that is there', async () => {
  const other = `other:Zone:${'0'.repeat(32)}\n`;
  environment.write(FILE, other);
  expect(await obol([FILE, ...ME], 'looser\nlooser\n')).toMatchObject({
    code: 0,
    created: [],
    changed: [FILE],
  });
  expect(environment.read(FILE)).toBe(other + LINE);
});

test('ends with 1 where the passwords differ, and with 2 where the line is wrong', async () => {
  expect(await obol(['-n', ...ME], 'a\nb\n')).toMatchObject({
    ...UNTOUCHED,
    code: 1,
    stderr: "obol digest: They don't match, sorry.\n",
  });
  expect(await obol(['-n', 'realm'])).toMatchObject({
    ...UNTOUCHED,
    code: 2,
    stderr: 'obol digest: Say which realm and which user. See obol digest --help.\n',
  });
  expect(await obol(['--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: obol digest/),
  });
});

/** Types into a terminal of its own what follows each prompt; prints what the terminal showed, then the exit code. */
const TERMINAL = `
import os, pty, sys
keys = [(b'New password: ', os.fsencode(sys.argv[1])), (b'Re-type new password: ', os.fsencode(sys.argv[2]))]
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[3], sys.argv[3:])
shown = b''
while True:
    try:
        data = os.read(fd, 1024)
    except OSError:
        break
    if not data:
        break
    shown += data
    if keys and shown.endswith(keys[0][0]):
        os.write(fd, keys.pop(0)[1])
sys.stdout.buffer.write(shown)
print('exit', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

describe('at a terminal', () => {
  async function typed(first: string, second: string): Promise<string> {
    const command = [process.execPath, ...OBOL, '-n', ...ME];
    const child = spawn('python3', ['-c', TERMINAL, first, second, ...command], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return output.replaceAll('\r\n', '\n');
  }

  const PROMPTS = 'New password: \nRe-type new password: \n';

  test('the password is asked for twice and not shown', async () => {
    expect(await typed('looser\r', 'looser\r')).toBe(`${PROMPTS}${LINE}exit 0\n`);
  });

  test('it may be pasted with its repetition', async () => {
    expect(await typed('looser\rlooser\r', '')).toBe(`${PROMPTS}${LINE}exit 0\n`);
  });

  test('keys that correct do so', async () => {
    expect(await typed('xy\x15loosř\x7fer\r', 'looser\n')).toBe(`${PROMPTS}${LINE}exit 0\n`);
  });

  test('two different ones end with 1', async () => {
    expect(await typed('looser\r', 'losser\r')).toBe(
      `${PROMPTS}obol digest: They don't match, sorry.\nexit 1\n`,
    );
  });

  test('Ctrl-C ends with 1', async () => {
    expect(await typed('loo\x03', '')).toBe(
      'New password: \nobol digest: interrupted; nothing was changed.\nexit 1\n',
    );
  });

  test('Ctrl-D is no password', async () => {
    expect(await typed('\x04', '')).toBe(
      'New password: \nobol digest: There is no password; type one, or write it to standard input.\nexit 1\n',
    );
  });
});

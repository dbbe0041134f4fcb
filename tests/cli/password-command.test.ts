/** `obol password`: what it prints and writes, and how it ends. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cryptoWithCheapScrypt } from '../support/cheap-scrypt.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { TestFolder } from '../support/folder.js';

jest.unstable_mockModule('node:crypto', () => cryptoWithCheapScrypt);
const { PasswordHashMap } = await import('obol/auth');
const { keepPasswords, passwordCommand, readPasswordOrder } =
  await import('../../src/cli/password-command.js');
const { runObol } = await import('../../src/cli/run.js');
const { runTool } = await import('../support/password-tool.js');

let folder: TestFolder;
let file: string;

beforeEach(() => {
  folder = new TestFolder();
  file = join(folder.path, 'users.txt');
});

afterEach(() => {
  folder.remove();
});

/** Runs it with some standard input. @returns exit code and everything printed */
function obol(args: readonly string[], input = ''): Promise<[number, string]> {
  return runTool({ read: readPasswordOrder, carryOut: keepPasswords }, args, input);
}

test('makes a file for its owner alone, knows the password, changes it, and takes the user away', async () => {
  expect(await obol(['-c', file, 'anna'], 'secret\nsecret\n')).toEqual([0, 'Adding user anna.\n']);
  expect(readFileSync(file, 'utf8')).toMatch(/^anna:\$(?:scrypt|argon2id)\$[^\n]+\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await obol(['-v', file, 'anna'], 'secret\n')).toEqual([0, 'Valid user.\n']);
  expect(await obol([file, 'anna'], 'other\n')).toEqual([0, 'Changing password for user anna.\n']);
  expect(await obol(['-v', file, 'anna'], 'secret\n')).toEqual([2, 'Invalid user.\n']);
  expect(await new PasswordHashMap(file).verify('anna', 'other')).toBe(true);
  expect(await obol(['-D', file, 'anna'])).toEqual([0, 'User anna was deleted.\n']);
  expect(await obol(['-D', file, 'anna'])).toEqual([0, 'User anna was not there.\n']);
  expect(await obol(['-v', file, 'anna'], 'other\n')).toEqual([2, 'Invalid user.\n']);
});

test('prints a line and touches no file with -n, by the algorithm that is asked for', async () => {
  const [code, output] = await obol(['-n', '--algorithm', 'scrypt', 'anna'], 'secret\n');
  expect([code, output]).toEqual([0, expect.stringMatching(/^anna:\$scrypt\$ln=15,r=8,p=3\$/)]);
});

describe('a line that is wrong ends with its cure', () => {
  test.each([
    [[], 2, 'Say which password file and which user. See --help.'],
    [['users.txt'], 2, 'Say which password file and which user. See --help.'],
    [['-n'], 2, 'Say which user. See --help.'],
    [['a', 'b', 'c'], 2, 'There are too many arguments; quote a name with spaces. See --help.'],
    [['-n', '-D', 'a'], 2, '-n, -v and -D exclude each other. See --help.'],
    [['--algorithm', 'md5', 'a', 'b'], 2, '--algorithm: "md5" is neither scrypt nor argon2id. See --help.'],
    [['--sha', 'a', 'b'], 2, '"--sha" is no option. See --help.'],
    [
      ['--algorith', 'scrypt', 'a', 'b'],
      2,
      '"--algorith" is no option. Did you mean "--algorithm"? See --help.',
    ],
    [['-v', '/nowhere/users', 'b'], 2, 'There is no password file at /nowhere/users. See --help.'],
    [['/nowhere/users', 'b'], 2, 'There is no password file at /nowhere/users; -c makes one. See --help.'],
    [['-n', 'a'], 1, 'There is no password; type one, or write it to standard input.'],
  ])('%j', async (args, code, text) => {
    expect(await obol(args)).toEqual([code, `${text}\n`]);
  });

  test('and changes nothing where the passwords differ or the name cannot be kept', async () => {
    expect(await obol(['-n', 'anna'], 'one\ntwo\n')).toEqual([1, "They don't match, sorry.\n"]);
    const [code, output] = await obol(['-n', 'an:na'], 'one\n');
    expect([code, output]).toEqual([2, expect.stringContaining('may not be empty or hold colons')]);
    expect((await obol(['-c', '/nowhere/users', 'anna'], 'one\n'))[0]).toBe(1);
  });
});

test('is among the commands', async () => {
  let output = '';
  const terminal = { print: (text: string) => void (output += text), warn: () => undefined, env: {} };
  expect(await runObol(['password', '--help'], terminal)).toBe(0);
  expect(output).toBe(passwordCommand.help);
});

test.each<[what: string, change: (users: InstanceType<typeof PasswordHashMap>) => unknown]>([
  ['set', (users) => users.set('anna', 'secret')],
  ['setHash', (users) => users.setHash('anna', '$scrypt$ln=1,r=8,p=1$c2FsdHNhbHQ$' + 'A'.repeat(43))],
  ['delete', (users) => users.delete('anna')],
])('a map whose file is not there yet says nothing of that at the first %s', async (_what, change) => {
  const logger = collectingLogger();
  const users = new PasswordHashMap(file, { logger, algorithm: 'scrypt' });
  await change(users);
  await users.write();
  expect([users.find('bert'), logger.warnings]).toEqual([undefined, []]);
});

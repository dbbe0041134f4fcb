/** `obol digest`: what it prints and writes, how it ends, and where passwords come from. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hexdigest } from 'obol/auth';
import { carryOut, digestCommand, readOrder } from '../../src/cli/digest-command.js';
import { TestFolder } from '../support/folder.js';
import { runTool } from '../support/password-tool.js';

const MD5 = `user:User Zone:${hexdigest('user', 'User Zone', 'looser')}\n`;
const SHA = `user:User Zone:${hexdigest('user', 'User Zone', 'looser', 'SHA-256')}\n`;
const ME = ['User Zone', 'user'];

let folder: TestFolder;
let file: string;

beforeEach(() => {
  folder = new TestFolder();
  file = join(folder.path, 'users.digest');
});

afterEach(() => {
  folder.remove();
});

/** Runs it with some standard input. @returns exit code and everything printed */
function obol(args: readonly string[], input = ''): Promise<[number, string]> {
  return runTool({ read: readOrder, carryOut }, args, input);
}

function content(): string {
  return readFileSync(file, 'utf8');
}

test('-c makes a file for its owner alone, and a user in it', async () => {
  expect(await obol(['-c', file, ...ME], 'looser\nlooser\n')).toEqual([
    0,
    'Adding user user in realm User Zone.\n',
  ]);
  expect(content()).toBe(MD5);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('-c leaves a file that is there, and adds to it', async () => {
  writeFileSync(file, '# users\nbad line\n', { mode: 0o600 });
  const [code, output] = await obol(['-c', file, ...ME], 'looser\n');
  expect([code, output]).toEqual([
    0,
    `${file}, line 2 is not user:realm:hash; it is left out\nAdding user user in realm User Zone.\n`,
  ]);
  expect(content()).toBe(`# users\nbad line\n${MD5}`);
});

describe('the password', () => {
  test.each([
    ['one line', 'looser\n'],
    ['one line without end', 'looser'],
    ['one line of Windows', 'looser\r\n'],
    ['two lines that are the same', 'looser\nlooser\n'],
  ])('is read from standard input: %s', async (_name, input) => {
    expect(await obol(['-c', file, ...ME], input)).toEqual([0, 'Adding user user in realm User Zone.\n']);
    expect(content()).toBe(MD5);
  });

  test('written differently the second time ends with 1 and changes nothing', async () => {
    const [code, output] = await obol(['-c', file, ...ME], 'looser\nlosser\n');
    expect([code, output]).toEqual([1, "Adding user user in realm User Zone.\nThey don't match, sorry.\n"]);
    expect(existsSync(file)).toBe(false);
  });

  test.each(['', '\n'])('may not be %j', async (input) => {
    const [code, output] = await obol(['-n', ...ME], input);
    expect([code, output]).toEqual([1, 'There is no password; type one, or write it to standard input.\n']);
  });

  test('of more than 64 KiB is none', async () => {
    const [code, output] = await obol(['-n', ...ME], 'x'.repeat(65_537));
    expect([code, output]).toEqual([2, 'there is more on standard input than passwords. See --help.\n']);
  });

  test('is no argument', async () => {
    const [code, output] = await obol(['-n', ...ME, 'looser', 'looser'], 'looser\n');
    expect([code, output]).toEqual([
      2,
      'There are too many arguments; quote a realm with spaces. See --help.\n',
    ]);
  });
});

test.each([
  [['-n'], MD5],
  [['-n', '-m'], MD5],
  [['-n', '-s'], SHA],
  [['-ns'], SHA],
  [['-n', '-m', '-s'], MD5 + SHA],
])('%j prints the line and touches no file', async (options, expected) => {
  expect(await obol([...options, ...ME], 'looser\n')).toEqual([0, expected]);
});

test('-n takes the name of a file and does nothing with it', async () => {
  expect(await obol(['-n', file, ...ME], 'looser\n')).toEqual([0, MD5]);
  expect(existsSync(file)).toBe(false);
});

test('a password is changed, and with it every hash', async () => {
  writeFileSync(file, MD5 + SHA + MD5.replace('user', 'other'), { mode: 0o600 });
  expect(await obol(['-s', file, ...ME], 'new\n')).toEqual([
    0,
    'Changing password for user user in realm User Zone.\n',
  ]);
  const hash = hexdigest('user', 'User Zone', 'new', 'SHA-256');
  expect(content()).toBe(`user:User Zone:${hash}\n${MD5.replace('user', 'other')}`);
});

test('other characters are as good', async () => {
  expect((await obol(['-c', file, 'Zóna', 'Ondřej'], 'heslíčko\n'))[0]).toBe(0);
  expect(content()).toBe(`Ondřej:Zóna:${hexdigest('Ondřej', 'Zóna', 'heslíčko')}\n`);
});

describe('-v', () => {
  test.each([
    [[], MD5, 'looser', 0],
    [[], SHA, 'looser', 0],
    [['-m'], MD5, 'looser', 0],
    [['-s'], SHA, 'looser', 0],
    [['-s'], MD5, 'looser', 2],
    [[], MD5, 'wrong', 2],
    [[], MD5.replace('user', 'other'), 'looser', 2],
    [[], MD5, '', 2],
  ])('with %j of %s and the password %j ends with %i', async (options, lines, password, expected) => {
    writeFileSync(file, lines, { mode: 0o600 });
    const [code, output] = await obol(['-v', ...options, file, ...ME], `${password}\n`);
    expect([code, output]).toEqual([expected, expected === 0 ? 'Valid user.\n' : 'Invalid user.\n']);
    expect(content()).toBe(lines);
  });
});

describe('-D', () => {
  test('takes a user away', async () => {
    writeFileSync(file, MD5 + SHA + MD5.replace('user', 'other'), { mode: 0o600 });
    expect(await obol(['-D', file, ...ME])).toEqual([0, 'User user was deleted.\n']);
    expect(content()).toBe(MD5.replace('user', 'other'));
  });

  test('of a user who is not there ends with 0', async () => {
    writeFileSync(file, MD5, { mode: 0o600 });
    expect(await obol(['-D', file, 'User Zone', 'nobody'])).toEqual([0, 'User nobody was not there.\n']);
    expect(content()).toBe(MD5);
  });
});

describe('what is written wrongly ends with 2', () => {
  test.each([
    [[], 'Say which password file, which realm and which user.'],
    [['file', 'realm'], 'Say which password file, which realm and which user.'],
    [['-n', 'realm'], 'Say which realm and which user.'],
    [['-n', '', 'user'], 'Say which realm and which user.'],
    [['file', '', 'user'], 'Say which password file, which realm and which user.'],
    [['-n', '-D', 'realm', 'user'], '-n, -v and -D exclude each other.'],
    [['-vD', 'file', 'realm', 'user'], '-n, -v and -D exclude each other.'],
    [['-x', 'file', 'realm', 'user'], '"-x" is no option.'],
    [['none', 'realm', 'user'], 'There is no password file at none; -c makes one.'],
    [['-D', 'none', 'realm', 'user'], 'There is no password file at none.'],
    [['-cv', 'none', 'realm', 'user'], 'There is no password file at none.'],
    [['-cD', 'none', 'realm', 'user'], 'There is no password file at none.'],
    [['-n', 'a:b', 'user'], 'Neither "user" nor "a:b" may be empty or hold colons or control characters.'],
    [
      ['-n', 'realm', 'a\nb'],
      'Neither "a\\nb" nor "realm" may be empty or hold colons or control characters.',
    ],
  ])('%j', async (args, message) => {
    expect(await obol(args, 'x\n')).toEqual([2, `${message} See --help.\n`]);
  });
});

test('a file that cannot be written ends with 1', async () => {
  const [code, output] = await obol(['-c', join(folder.path, 'none', 'file'), ...ME], 'x\n');
  expect([code, output]).toEqual([1, expect.stringMatching(/\n.*file cannot be written: ENOENT/)]);
});

test('--version and --help say what they are', async () => {
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  await digestCommand.run(['--version'], { print, warn: print, env: {} });
  expect(printed).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  expect(digestCommand.help).toMatch(/^Usage: obol digest/);
});

/** The passwords of Basic authentication and forms: users and slow hashes. */
import { scryptSync } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { phcText } from '../../../../src/features/auth/passwords/phc-string.js';
import { cryptoWithCheapScrypt } from '../../../support/cheap-scrypt.js';
import { collectingLogger, type CollectingLogger } from '../../../support/collecting-logger.js';
import { developerError } from '../../../support/errors.js';
import { TestFolder } from '../../../support/folder.js';

jest.unstable_mockModule('node:crypto', () => cryptoWithCheapScrypt);
const { isOutdated, PasswordHashMap } = await import('obol/auth');

const SCRYPT = { algorithm: 'scrypt' } as const;

let folder: TestFolder;
let logger: CollectingLogger;

beforeEach(() => {
  folder = new TestFolder();
  logger = collectingLogger();
});

afterEach(() => {
  folder.remove();
});

/** A hash as it was made long ago, in no time. */
function cheap(password: string): string {
  const salt = Buffer.alloc(16, 5);
  const tag = scryptSync(password, salt, 32, { N: 16, r: 1, p: 1 });
  return phcText({ algorithm: 'scrypt', parameters: { ln: 4, r: 1, p: 1 }, salt, tag });
}

test('users are added, verified, changed and taken away', async () => {
  const map = new PasswordHashMap(undefined, SCRYPT);
  await map.set('user', 'looser');
  expect(map.find('user')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
  expect([await map.verify('user', 'looser'), await map.verify('user', 'x')]).toEqual([true, false]);
  await map.set('user', 'new');
  expect([await map.verify('user', 'looser'), await map.verify('user', 'new')]).toEqual([false, true]);
  expect([map.delete('user'), map.delete('user')]).toEqual([true, false]);
  expect(await map.verify('user', 'new')).toBe(false);
});

test.each(['', 'a:b', 'a\nb'])('%j is no name', async (name) => {
  const message = `The user name ${JSON.stringify(name)} may not be empty or hold colons or control characters.`;
  const map = new PasswordHashMap();
  await expect(map.set(name, 'x')).rejects.toThrow(developerError('E_PASSWORD', message));
  expect(() => map.setHash(name, cheap('x'))).toThrow(developerError('E_PASSWORD', message));
});

test.each(['#a', '  #a', '\ufeffa\u00e9', 'a\ud800'])('%j is none that would be read again', async (name) => {
  const message = `The name ${JSON.stringify(name)} would be a comment or another name in a password file.`;
  const map = new PasswordHashMap();
  await expect(map.set(name, 'x')).rejects.toThrow(developerError('E_PASSWORD', message));
  expect(() => map.setHash(name, cheap('x'))).toThrow(developerError('E_PASSWORD', message));
  expect(map.find(name)).toBeUndefined();
});

test.each(['a#', ' a', 'a b', '"a"', '\u{1f600}', 'Zo\u00eb'])('%j is read again', async (name) => {
  const path = folder.file('users', '');
  await new PasswordHashMap(path, { logger }).setHash(name, cheap('x')).write();
  expect(new PasswordHashMap(path, { logger }).find(name)).toBe(cheap('x'));
  expect(logger.warnings.filter((line) => !line.includes('chmod'))).toEqual([]);
});

test('what is no hash is not kept, and the message does not repeat it', () => {
  expect(() => new PasswordHashMap().setHash('user', 'secret')).toThrow(
    developerError('E_PASSWORD', 'What user "user" shall get is no hash; use hashPassword().'),
  );
});

test('names are the same in NFC and NFD', async () => {
  const map = new PasswordHashMap(undefined, SCRYPT).setHash('Ondřej'.normalize('NFD'), cheap('p'));
  expect(map.find('Ondřej')).toBe(cheap('p'));
});

test('printing it shows nobody', () => {
  const map = new PasswordHashMap().setHash('user', cheap('p'));
  expect(inspect(map, { showHidden: true, depth: Infinity })).toBe('PasswordHashMap {}');
});

describe('a hash that is too cheap today', () => {
  test('is replaced when its password is seen, and not before', async () => {
    const map = new PasswordHashMap(undefined, SCRYPT).setHash('user', cheap('p'));
    expect(await map.verify('user', 'wrong')).toBe(false);
    expect(map.find('user')).toBe(cheap('p'));
    expect(await map.verify('user', 'p')).toBe(true);
    expect(isOutdated(map.find('user') ?? '', SCRYPT)).toBe(false);
    expect(await map.verify('user', 'p')).toBe(true);
  });

  test('is replaced in the file, too', async () => {
    const path = folder.file('users', `user:${cheap('p')}\nother:${cheap('q')}\n`);
    const map = new PasswordHashMap(path, { ...SCRYPT, logger });
    expect(await map.verify('user', 'p')).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(`user:${map.find('user') ?? ''}\nother:${cheap('q')}\n`);
  });

  test('lets its user in where the file cannot be written, and says so', async () => {
    const path = folder.file('users', `user:${cheap('p')}\n`);
    const map = new PasswordHashMap(path, { ...SCRYPT, logger, checkInterval: 60_000 });
    expect(map.find('user')).toBeDefined();
    folder.remove();
    expect(await map.verify('user', 'p')).toBe(true);
    expect(logger.warnings).toEqual([
      expect.stringMatching(/others; /),
      expect.stringMatching(/^A better hash of a password could not be kept: .*cannot be written/),
    ]);
    expect(logger.warnings.join()).not.toContain('$scrypt');
  });

  test('does not come over a password that was set meanwhile', async () => {
    const map = new PasswordHashMap(undefined, SCRYPT).setHash('user', cheap('p'));
    const verifying = map.verify('user', 'p');
    map.setHash('user', cheap('other'));
    expect(await verifying).toBe(true);
    expect(map.find('user')).toBe(cheap('other'));
  });
});

describe('a file', () => {
  test('keeps users from one process to the next', async () => {
    const path = join(folder.path, 'users');
    const map = new PasswordHashMap(path, {
      ...SCRYPT,
      logger: { warn: () => undefined, error: () => undefined },
    });
    await map.set('user', 'looser');
    await map.write();
    expect(readFileSync(path, 'utf8')).toMatch(/^user:\$scrypt\$[^\n]*\n$/);
    const next = new PasswordHashMap(path, { ...SCRYPT, logger });
    await next.load();
    expect(await next.verify('user', 'looser')).toBe(true);
    expect(logger.warnings).toEqual([]);
  });

  test('loses no good line to bad ones', () => {
    const path = folder.file('users', '');
    writeFileSync(
      path,
      `a:${cheap('a')}\nb:secret\nc:d:${cheap('c')}\n$scrypt$\nuser:$2b$10$x\ne:${cheap('e')}\n`,
    );
    chmodSync(path, 0o600);
    const map = new PasswordHashMap(path, { logger });
    expect(['a', 'b', 'c', 'd', 'user', 'e'].filter((name) => map.find(name))).toEqual(['a', 'e']);
    expect(logger.warnings).toEqual(
      [2, 3, 4, 5].map(
        (line) =>
          `${path}, line ${String(line)} is not user:hash with a PHC string that this Node can check, ` +
          'such as $scrypt$...; it is left out',
      ),
    );
  });
});

/** The password file of digest authentication: what is read, kept and written, whatever stands in it and whoever writes. */
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hexdigest, PasswordMap } from 'obol/auth';
import { PasswordFile } from '../../../../src/features/auth/passwords/password-file.js';
import { holdLock } from '../../../../src/files/file-lock.js';
import { collectingLogger, type CollectingLogger } from '../../../support/collecting-logger.js';
import { developerError } from '../../../support/errors.js';
import { TestFolder } from '../../../support/folder.js';
import { deferred } from '../../../support/serve.js';
import { expectWithin } from '../../../support/timing.js';

const MD5 = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const SHA = 'c'.repeat(64);

let folder: TestFolder;
let logger: CollectingLogger;

beforeEach(() => {
  folder = new TestFolder();
  logger = collectingLogger();
});

afterEach(() => {
  folder.remove();
});

function file(content: string, mode = 0o600): string {
  const path = folder.file('users.digest', content);
  chmodSync(path, mode);
  return path;
}

/** A map that looks at its file each time. */
function mapOf(path: string): PasswordMap {
  return new PasswordMap(path, { logger, checkInterval: 0 });
}

describe('in memory', () => {
  test('users are added, found, changed and taken away', () => {
    const map = new PasswordMap().set('zone', 'user', MD5);
    expect(map.find('zone', 'user')).toBe(MD5);
    expect(map.find('other', 'user')).toBeUndefined();
    expect(map.find('zone', 'other')).toBeUndefined();
    map.set('zone', 'user', OTHER);
    expect(map.find('zone', 'user')).toBe(OTHER);
    expect([map.delete('zone', 'user'), map.delete('zone', 'user')]).toEqual([true, false]);
    expect(map.find('zone', 'user')).toBeUndefined();
  });

  test('a user has a hash for each number of digits, and all are replaced together', () => {
    const map = new PasswordMap().set('zone', 'user', [MD5, SHA.toUpperCase()]);
    expect(map.find('zone', 'user', 'MD5')).toBe(MD5);
    expect(map.find('zone', 'user', 'SHA-256')).toBe(SHA);
    expect(map.find('zone', 'user', 'SHA-512-256')).toBe(SHA);
    map.set('zone', 'user', OTHER);
    expect(map.find('zone', 'user', 'SHA-256')).toBeUndefined();
  });

  test.each([
    [MD5, true],
    [MD5.toUpperCase(), true],
    [OTHER, false],
    [SHA, false],
    [MD5.slice(1), false],
    ['', false],
    ['x'.repeat(32), false],
    ['0'.repeat(32), false],
  ])('verify(%s) is %s', (hash, expected) => {
    const map = new PasswordMap().set('zone', 'user', MD5);
    expect(map.verify('zone', 'user', hash)).toBe(expected);
    expect(map.verify('zone', 'nobody', hash)).toBe(false);
  });

  test('names are the same in NFC and NFD', () => {
    const map = new PasswordMap().set('zóna'.normalize('NFD'), 'Ondřej', MD5);
    expect(map.find('zóna', 'Ondřej'.normalize('NFD'))).toBe(MD5);
    expect(map.users('zóna')).toEqual(['Ondřej']);
  });

  test('a colon asked for finds nobody', () => {
    const map = new PasswordMap().set('b', 'a', MD5);
    expect([map.find('', 'a:b'), map.find('b', ''), map.find('a:b', ''), map.users(':b')]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ]);
    expect(map.delete('b:', 'a')).toBe(false);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is a name like any other', (name) => {
    const map = new PasswordMap();
    expect(map.find(name, name)).toBeUndefined();
    map.set(name, name, MD5);
    expect(map.find(name, name)).toBe(MD5);
  });

  test.each([
    ['a:b', 'user'],
    ['zone', 'a:b'],
    ['', 'user'],
    ['zone', ''],
    ['a\nb', 'user'],
    ['zone', 'a\rb'],
    ['zone', 'a\0b'],
    ['zone', 'a\u0085b'],
  ])('%j and %j cannot be kept', (realm, user) => {
    expect(() => new PasswordMap().set(realm, user, MD5)).toThrow(
      developerError(
        'E_PASSWORD',
        `Neither ${JSON.stringify(user)} nor ${JSON.stringify(realm)} may be empty or hold colons or control characters.`,
      ),
    );
  });

  test.each(['#a', '  #a', '\ufeffa\u00e9', 'a\ud800'])('%j is no user that would be read again', (user) => {
    expect(() => new PasswordMap().set('zone', user, MD5)).toThrow(
      developerError(
        'E_PASSWORD',
        `The name ${JSON.stringify(`${user}:zone`)} would be a comment or another name in a password file.`,
      ),
    );
  });

  test.each([['secret'], [MD5.slice(1)], ['g'.repeat(32)], [[]], [[MD5, OTHER]], [[MD5, 'secret']]])(
    '%j is no hash, and the message does not repeat it',
    (hash) => {
      expect(() => new PasswordMap().set('zone', 'user', hash)).toThrow(
        developerError(
          'E_PASSWORD',
          'What user "user" shall get is no hash of 32 or 64 digits; use hexdigest(user, realm, password).',
        ),
      );
    },
  );

  test('there is nothing to load or write', async () => {
    const message = 'This map has no file: give its path to the constructor.';
    await expect(async () => new PasswordMap().load()).rejects.toThrow(
      developerError('E_PASSWORD_FILE', message),
    );
    await expect(async () => new PasswordMap().write()).rejects.toThrow(
      developerError('E_PASSWORD_FILE', message),
    );
  });

  test('printing it shows nobody', () => {
    const printed = inspect(new PasswordMap().set('zone', 'user', MD5), {
      showHidden: true,
      depth: Infinity,
    });
    expect(printed).toBe('PasswordMap {}');
  });
});

describe('a file', () => {
  test('as htdigest writes it is read when it is needed', () => {
    const map = mapOf(
      file(`user:User Zone:${hexdigest('user', 'User Zone', 'looser')}\nfoo:User Zone:${SHA}\n`),
    );
    expect(map.find('User Zone', 'user')).toBe('99f490dffe2c74a7f13d0cf9b61098a5');
    expect(map.find('User Zone', 'foo')).toBe(SHA);
    expect(logger.warnings).toEqual([]);
  });

  test('may be named by a URL', () => {
    const url = new URL(`file://${file(`user:zone:${MD5}`)}`);
    expect(new PasswordMap(url).find('zone', 'user')).toBe(MD5);
  });

  test('may have comments, empty lines, other line ends, NFD and no last line end', () => {
    const nfd = `Ondřej:zone:${MD5.toUpperCase()}`.normalize('NFD');
    const map = mapOf(file(`# users\n\n \nuser:zone:${MD5}\r\n${nfd}`));
    expect([map.users('zone'), map.find('zone', 'Ondřej')]).toEqual([['user', 'Ondřej'], MD5]);
    expect(logger.warnings).toEqual([]);
  });

  test('loses no good line to bad ones, and is told where they are but not what they say', () => {
    const bad = [
      'secret',
      'user:zone',
      'user:zone:secret',
      `user:zo:ne:${MD5}`,
      `:zone:${MD5}`,
      `user::${MD5}`,
      `a\tb:zone:${MD5}`,
      `\xff:zone:${MD5}`,
      `user:zone:${MD5}x`,
    ];
    const path = file('');
    writeFileSync(path, Buffer.from([`first:zone:${MD5}`, ...bad, `last:zone:${MD5}`].join('\n'), 'latin1'));
    expect(mapOf(path).users('zone')).toEqual(['first', 'last']);
    expect(logger.warnings).toEqual(
      bad.map((_, i) => `${path}, line ${String(i + 2)} is not user:realm:hash; it is left out`),
    );
  });

  test('with very many bad lines is no flood in the log', () => {
    const path = file('bad\n'.repeat(1000));
    mapOf(path).users('zone');
    expect(logger.warnings).toHaveLength(11);
    expect(logger.warnings.at(-1)).toBe(`${path}, and 990 more lines`);
  });

  test('that names somebody twice means the first, for each kind of hash', () => {
    const path = file(`user:zone:${MD5}\nuser:zone:${SHA}\nuser:zone:${OTHER}\n`);
    const map = mapOf(path);
    expect([map.find('zone', 'user', 'MD5'), map.find('zone', 'user', 'SHA-256')]).toEqual([MD5, SHA]);
    expect(logger.warnings).toEqual([`${path}, line 3 names a user a second time; it is left out`]);
  });

  test.each([
    [0o600, 0],
    [0o640, 0],
    [0o400, 0],
    [0o644, 1],
    [0o660, 1],
    [0o604, 1],
    [0o700, 1],
  ])('of mode %s gives %i warnings', (mode, count) => {
    const path = file(`user:zone:${MD5}\n`, mode);
    mapOf(path).users('zone');
    expect(logger.warnings).toEqual(
      Array(count).fill(`${path} can be read or changed by others; a reader of it can log in. Do: chmod 600`),
    );
  });

  test('that is not there has nobody, says so once, and is read when it comes', () => {
    const path = join(folder.path, 'users.digest');
    const map = mapOf(path);
    expect([map.find('zone', 'user'), map.find('zone', 'user')]).toEqual([undefined, undefined]);
    expect(logger.warnings).toEqual([expect.stringMatching(/users\.digest cannot be read: ENOENT/)]);
    file(`user:zone:${MD5}\n`);
    expect(map.find('zone', 'user')).toBe(MD5);
  });

  test('that cannot be loaded is an error', async () => {
    await expect(mapOf(join(folder.path, 'none')).load()).rejects.toThrow(
      expect.objectContaining({
        code: 'E_PASSWORD_FILE',
        message: expect.stringContaining('none cannot be read: ENOENT'),
      }),
    );
    await expect(mapOf(folder.path).load()).rejects.toThrow(
      expect.objectContaining({ code: 'E_PASSWORD_FILE' }),
    );
  });

  test('that is far too large is not read', () => {
    const path = file('');
    writeFileSync(path, Buffer.alloc(32 * 1024 * 1024 + 1, '\n'));
    mapOf(path).users('zone');
    expect(logger.warnings).toEqual([`${path} cannot be read: it is larger than 33554432 bytes`]);
  });
});

describe('a change of the file', () => {
  test('is seen the next time somebody asks', () => {
    const path = file(`user:zone:${MD5}\n`);
    const map = mapOf(path);
    expect(map.find('zone', 'user')).toBe(MD5);
    writeFileSync(path, `user:zone:${OTHER}\nnew:zone:${SHA}\n`);
    expect([map.find('zone', 'user'), map.find('zone', 'new')]).toEqual([OTHER, SHA]);
  });

  test('is seen when another file takes its place', () => {
    const path = file(`user:zone:${MD5}\n`);
    const map = mapOf(path);
    map.users('zone');
    renameSync(folder.file('next', `user:zone:${OTHER}\n`), path);
    expect(map.find('zone', 'user')).toBe(OTHER);
  });

  test('is looked for no more often than the settings say', () => {
    const path = file(`user:zone:${MD5}\n`);
    const map = new PasswordMap(path, { logger, checkInterval: 60_000 });
    map.users('zone');
    writeFileSync(path, `user:zone:${OTHER}\n`);
    expect(map.find('zone', 'user')).toBe(MD5);
  });

  test('is taken at once by load()', async () => {
    const path = file(`user:zone:${MD5}\n`);
    const map = new PasswordMap(path, { logger, checkInterval: 60_000 });
    map.users('zone');
    writeFileSync(path, `user:zone:${OTHER}\n`);
    await map.load();
    expect(map.find('zone', 'user')).toBe(OTHER);
  });

  test('leaves what was changed here and not written', async () => {
    const path = file(`user:zone:${MD5}\ngone:zone:${MD5}\n`);
    const map = mapOf(path).set('zone', 'user', SHA);
    map.delete('zone', 'gone');
    writeFileSync(path, `user:zone:${OTHER}\ngone:zone:${MD5}\nnew:zone:${MD5}\n`);
    expect([map.find('zone', 'user'), map.find('zone', 'gone'), map.find('zone', 'new')]).toEqual([
      SHA,
      undefined,
      MD5,
    ]);
  });

  test('leaves what was read when the file goes away, and says so once', () => {
    const path = file(`user:zone:${MD5}\n`);
    const map = mapOf(path);
    map.users('zone');
    unlinkSync(path);
    expect([map.find('zone', 'user'), map.find('zone', 'user')]).toEqual([MD5, MD5]);
    expect(logger.warnings).toHaveLength(1);
  });
});

describe('writing', () => {
  test('makes a file for its owner alone', async () => {
    const path = join(folder.path, 'new.digest');
    await mapOf(path).set('zone', 'user', [MD5, SHA]).set('zóna', 'Ondřej', OTHER).write();
    expect(readFileSync(path, 'utf8')).toBe(`user:zone:${MD5}\nuser:zone:${SHA}\nOndřej:zóna:${OTHER}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(['new.digest']);
  });

  test('changes its own lines and leaves all others, bad ones included, as they are', async () => {
    const path = file('');
    const before = `# users\nbad \xff line\nuser:zone:${MD5}\n\nother:zone:${MD5}\nuser:zone:${SHA}\nlast:zone:${MD5}`;
    writeFileSync(path, Buffer.from(before, 'latin1'));
    const map = mapOf(path).set('zone', 'user', OTHER).set('zone', 'new', SHA);
    map.delete('zone', 'last');
    await map.write();
    expect(readFileSync(path, 'latin1')).toBe(
      `# users\nbad \xff line\nuser:zone:${OTHER}\n\nother:zone:${MD5}\nnew:zone:${SHA}\n`,
    );
    expect(map.users('zone')).toEqual(['user', 'other', 'new']);
  });

  test.each([
    [0o600, 0o600],
    [0o640, 0o640],
    [0o664, 0o640],
  ])('of a file of mode %s gives one of %s', async (before, after) => {
    const path = file(`user:zone:${MD5}\n`, before);
    await mapOf(path).set('zone', 'user', OTHER).write();
    expect(statSync(path).mode & 0o777).toBe(after);
  });

  test('follows a link to the file', async () => {
    const path = file(`user:zone:${MD5}\n`);
    const link = join(folder.path, 'link');
    symlinkSync(path, link);
    await mapOf(link).set('zone', 'user', OTHER).write();
    expect(readFileSync(path, 'utf8')).toBe(`user:zone:${OTHER}\n`);
    expect(readFileSync(link, 'utf8')).toBe(`user:zone:${OTHER}\n`);
  });

  test('of many maps at once loses nobody', async () => {
    const path = file(`first:zone:${MD5}\n`);
    const names = Array.from({ length: 20 }, (_, i) => `user${String(i)}`);
    await Promise.all(names.map((name) => mapOf(path).set('zone', name, MD5).write()));
    expect(mapOf(path).users('zone').sort()).toEqual(['first', ...names].sort());
    expect(readdirSync(folder.path)).toEqual(['users.digest']);
  });

  test('of one map at once writes all', async () => {
    const path = file('');
    const map = mapOf(path);
    const writes = ['a', 'b', 'c'].map((name) => map.set('zone', name, MD5).write());
    map.set('zone', 'a', OTHER);
    await Promise.all(writes);
    await map.write();
    expect(readFileSync(path, 'utf8')).toBe(`a:zone:${OTHER}\nb:zone:${MD5}\nc:zone:${MD5}\n`);
  });

  test('waits for whoever holds the lock', async () => {
    const path = file('');
    const [begun, gate] = [deferred(), deferred()];
    const work = (): Promise<void> => {
      begun.resolve();
      return gate.promise;
    };
    const held = holdLock(`${path}.lock`, work, { patience: 0, interval: 1 });
    await begun.promise;
    const writing = mapOf(path).set('zone', 'user', MD5).write();
    await new Promise((resolve) => setImmediate(resolve));
    expect(readFileSync(path, 'utf8')).toBe('');
    gate.resolve();
    await Promise.all([held, writing]);
    expect(readFileSync(path, 'utf8')).toBe(`user:zone:${MD5}\n`);
  });

  test('where that never ends says who holds it', async () => {
    const path = file('');
    writeFileSync(`${path}.lock`, 'process 1 on elsewhere');
    const kept = new PasswordFile(path, { shape: 'user', isName: () => true, kindOf: () => 'x' });
    await expect(kept.write(0)).rejects.toThrow(
      developerError(
        'E_PASSWORD_FILE',
        `${path} cannot be written: ${path}.lock is held by process 1 on elsewhere; remove it if that one has ended.`,
      ),
    );
  });

  test('that fails leaves the file as it was, nothing beside it, and the change to be written later', async () => {
    const path = join(folder.path, 'none', 'users.digest');
    const map = new PasswordMap(path, { logger }).set('zone', 'user', MD5);
    await expect(map.write()).rejects.toThrow(expect.objectContaining({ code: 'E_PASSWORD_FILE' }));
    folder.file('none/other', '');
    await map.write();
    expect(readdirSync(join(folder.path, 'none')).sort()).toEqual(['other', 'users.digest']);
    expect(readFileSync(path, 'utf8')).toBe(`user:zone:${MD5}\n`);
  });
});

test('a hundred thousand users are read in less than a second', () => {
  const line = (_: unknown, i: number): string => `user${String(i)}:zone:${MD5}\n`;
  const path = file(Array.from({ length: 100_000 }, line).join(''));
  expectWithin(1000, () => {
    expect(mapOf(path).find('zone', 'user99999')).toBe(MD5);
  });
});

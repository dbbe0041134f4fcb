/** Sessions in files. */
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { fileSessionStore } from 'obol/session';
import { developerError } from '../../support/errors.js';
import { TestFolder } from '../../support/folder.js';
import { clock } from './site.js';
import { describeStore, idFor, update } from './store-contract.js';

const root = new TestFolder();
let folders = 0;
let time: ReturnType<typeof clock> | undefined;

afterEach(() => {
  time?.restore();
  time = undefined;
});

afterAll(() => {
  root.remove();
});

function newFolder(): string {
  return join(root.path, String(folders++), 'sessions');
}

describeStore('in files', async () => {
  const folder = newFolder();
  return [fileSessionStore(folder), fileSessionStore(pathToFileURL(folder))];
});

test('makes its folder, and files in it, that nobody else may read', async () => {
  const folder = newFolder();
  await fileSessionStore(folder).create(idFor('a'), update({ '.user': '"smith"' }));
  const [name = ''] = readdirSync(folder);
  expect(name).toBe(`session-${idFor('a')}.json`);
  expect([folder, join(folder, name)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
});

test('leaves nothing behind but the sessions', async () => {
  const folder = newFolder();
  const store = fileSessionStore(folder);
  await store.create(idFor('a'), update());
  await store.create(idFor('b'), update());
  await Promise.all(
    [1, 2, 3].map((n) => Promise.resolve(store.update(idFor('a'), update({ '.n': String(n) })))),
  );
  await store.destroy(idFor('b'));
  expect(readdirSync(folder)).toEqual([`session-${idFor('a')}.json`]);
});

test.each([
  '',
  '../../../etc/passwd',
  '..',
  'a'.repeat(42),
  `${'a'.repeat(42)}/`,
  `${'a'.repeat(43)}\n`,
  'a'.repeat(44),
])('takes no id %j', async (id) => {
  const store = fileSessionStore(newFolder());
  const wrong = 'The id of a session is 43 characters of base64url';
  await expect(store.load(id)).rejects.toThrow(wrong);
  await expect(store.create(id, update())).rejects.toThrow(wrong);
  expect(() => store.destroy(id)).toThrow(wrong);
});

test.each(['', '{', 'null', '{"values":[[1,2]]}', '{"values":7}'])(
  'takes a file with %j for no session',
  async (text) => {
    const folder = newFolder();
    const store = fileSessionStore(folder);
    writeFileSync(join(folder, `session-${idFor('a')}.json`), text);
    expect(await store.load(idFor('a'))).toBeUndefined();
  },
);

describe('what has ended', () => {
  test('is removed every quarter of an hour, and nothing that is not its own', async () => {
    time = clock();
    const folder = newFolder();
    const store = fileSessionStore(folder);
    await store.create(idFor('a'), update({}, { life: 10 }));
    await store.create(idFor('b'), update({}, { life: 3600 }));
    const foreign = join(folder, 'session-notes.json');
    const draft = join(folder, `session-${idFor('c')}.json.0123456789abcdef`);
    const lock = join(folder, `session-${idFor('c')}.lock`);
    for (const path of [foreign, draft, lock]) {
      writeFileSync(path, 'x');
      utimesSync(path, 1, 1);
    }
    time.forward(15 * 60);
    await store.create(idFor('d'), update());
    await store.close?.();
    const sessions = ['b', 'd'].map((name) => `session-${idFor(name)}.json`);
    expect(readdirSync(folder).sort()).toEqual([...sessions, 'session-notes.json'].sort());
    expect(readFileSync(foreign, 'utf8')).toBe('x');
  });
});

describe('a lock of another process', () => {
  test('is waited for', async () => {
    const folder = newFolder();
    const store = fileSessionStore(folder);
    await store.create(idFor('a'), update());
    const lock = join(folder, `session-${idFor('a')}.lock`);
    writeFileSync(lock, '');
    const done = Promise.resolve(store.update(idFor('a'), update({ '.a': '1' })));
    const first = await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 30, 'waits'))]);
    expect(first).toBe('waits');
    (await import('node:fs')).unlinkSync(lock);
    expect(await done).toBe(true);
  });

  test('is not waited for for ever', async () => {
    const folder = newFolder();
    const store = fileSessionStore(folder);
    await store.create(idFor('a'), update());
    writeFileSync(join(folder, `session-${idFor('a')}.lock`), '');
    await expect(store.update(idFor('a'), update())).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('that was left behind is broken', async () => {
    const folder = newFolder();
    const store = fileSessionStore(folder);
    await store.create(idFor('a'), update());
    const lock = join(folder, `session-${idFor('a')}.lock`);
    writeFileSync(lock, '');
    utimesSync(lock, 1, 1);
    expect(await store.update(idFor('a'), update({ '.a': '1' }))).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });
});

test('fails where the folder is gone', async () => {
  const folder = newFolder();
  const store = fileSessionStore(folder);
  (await import('node:fs')).rmSync(folder, { recursive: true });
  await expect(store.create(idFor('a'), update())).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(store.destroy(idFor('a'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('says so where there can be no folder', () => {
  const file = root.file('file', '');
  expect(() => fileSessionStore(join(file, 'sessions'))).toThrow(
    developerError(
      'E_SETTING',
      `fileSessionStore: the folder ${JSON.stringify(join(file, 'sessions'))} cannot be made.`,
    ),
  );
});

/** Modules by file: names in JSON, read when the application starts. */
import { symlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, createGuard, Get } from 'obol';
import { modulesFile, type ModulesFileOptions } from 'obol/modules';
import { TestClient } from 'obol/testing';
import { developerError } from '../../support/errors.js';
import { TestFolder } from '../../support/folder.js';

@Controller()
class Home {
  @Get('/') home() {
    return 'home';
  }
}

const folders: TestFolder[] = [];
const FIXTURES = `${import.meta.dirname}/fixtures`;

afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

/** The path of a file of names in a folder with further files. */
function fileWith(names: unknown, files: Readonly<Record<string, string>> = {}): string {
  const folder = new TestFolder();
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) folder.file(name, text);
  return folder.file('modules.json', typeof names === 'string' ? names : JSON.stringify(names));
}

async function clientOf(file: string | URL, options: ModulesFileOptions = {}): Promise<TestClient> {
  const app = await bootstrap({ controllers: [Home], features: [await modulesFile(file, options)] });
  return new TestClient(app);
}

describe('a name', () => {
  test.each<[modules: string[], statuses: number[]]>([
    [[], [404, 404]],
    [['greeting'], [200, 404]],
    [['packaged'], [404, 200]],
    [
      ['greeting', 'packaged'],
      [200, 200],
    ],
  ])('of %j mounts its module, and no other is', async (modules, statuses) => {
    const client = await clientOf(fileWith({ modules, modulesPath: ['/nowhere', FIXTURES] }));
    const paths = ['/greeting/hello/', '/packaged/inner/hello/'];
    expect(await Promise.all(paths.map(async (path) => (await client.get(path)).status))).toEqual(statuses);
  });

  test('brings what its file marks, the children in their place alone, and nothing that it imports', async () => {
    const client = await clientOf(fileWith({ modules: ['packaged'], modulesPath: [FIXTURES] }));
    expect(await (await client.get('/packaged/inner/hello/abc')).text()).toBe('inner abc');
    for (const path of ['/inner/hello/', '/greeting/hello/', '/packaged/hello/'])
      expect([path, (await client.get(path)).status]).toEqual([path, 404]);
  });

  test('is that of a file in the folder of the file, or in one that begins there', async () => {
    const module = `export * from ${JSON.stringify(`${FIXTURES}/greeting.ts`)};`;
    expect(
      (await (await clientOf(fileWith({ modules: ['here'] }, { 'here.ts': module }))).get('/greeting/hello/'))
        .status,
    ).toBe(200);
    const below = fileWith({ modules: ['there'], modulesPath: ['./a'] }, { 'a/there/index.ts': module });
    expect((await (await clientOf(below)).get('/greeting/hello/')).status).toBe(200);
  });
});

test.each<[names: unknown, files: Record<string, string>, message: string]>([
  ['{', {}, 'The file "FILE" is no JSON.'],
  ['[]', {}, 'The file "FILE" holds no object'],
  ['\ufeff\u0000', {}, 'The file "FILE" is no JSON.'],
  [{ module: [] }, {}, 'modulesFile.module: there is no such option. Did you mean "modules"? (FILE).'],
  [{ modules: 'greeting' }, {}, 'modulesFile.modules: it is not a list of names, such as ["hello"] (FILE).'],
  ...[
    '../hello',
    'a/b',
    'a\\b',
    '__proto__',
    'constructor',
    'prototype',
    '.hidden',
    '',
    'hello.js',
    'a\0',
  ].map((name): [unknown, Record<string, string>, string] => [
    { modules: [name] },
    {},
    'modulesFile.modules.0: it is not a name of letters, digits, "_" and "-", such as "hello" (FILE).',
  ]),
  [
    { modulesPath: [] },
    {},
    'modulesFile.modulesPath: there is none; give a list of folders, such as ["./modules"] (FILE).',
  ],
  [{ scripts: [] }, {}, 'modulesFile.scripts: it is not a table of scripts by their names (FILE).'],
  [
    { modules: ['hello'] },
    {},
    'modulesFile.modules: "hello": there is no hello.js, .mjs or .ts, and no hello/index.js, in "FOLDER"; put it there, take the name out, or name its folder in modulesPath (FILE).',
  ],
  [
    { modules: ['plain'] },
    { 'plain.mjs': 'export const name = 1; export class Plain {}' },
    'modulesFile.modules: "plain": FOLDER/plain.mjs exports no class decorated with @WebModule(); export one (FILE).',
  ],
  [
    { modules: ['broken'] },
    { 'broken.mjs': 'throw new Error("It broke")' },
    'modulesFile.modules: "broken": FOLDER/broken.mjs could not be loaded: It broke (FILE).',
  ],
  [
    { scripts: { greet: { script: 'greet.sh' } }, scriptsPath: ['bin'] },
    { 'greet.sh': '' },
    'modulesFile("FILE"): there is no file "greet.sh" in "FOLDER/bin"; put it there, or name its folder in scriptsPath.',
  ],
  [
    { scripts: { greet: { script: 'greet.sh', timeout: '5' } } },
    {},
    'modulesFile.scripts.greet.timeout: it is not a whole number of milliseconds, 0 to 2147483647 (FILE).',
  ],
])('%j is refused', async (names, files, message) => {
  const path = fileWith(names, files);
  const expected = message.replace('FILE', path).replaceAll('FOLDER', path.replace('/modules.json', ''));
  const code = message.includes('there is no file') ? 'E_SETTING' : 'E_CONFIG';
  await expect(modulesFile(path)).rejects.toThrow(
    developerError(code, expect.stringContaining(expected) as unknown as string),
  );
});

test('all mistakes are reported at once, each with the place of its value', async () => {
  process.env['SITE_SCRIPTS_PATH'] = '[5]';
  const path = fileWith({ modules: ['a.b', 'ok', 5], module: 1, scripts: { greet: { command: 'ls' } } });
  const lines = await modulesFile(path, { env: 'SITE_' }).catch((error: unknown) =>
    (error as Error).message.split('\n'),
  );
  delete process.env['SITE_SCRIPTS_PATH'];
  expect(lines).toEqual([
    expect.stringMatching(/^modulesFile\.modules\.0: it is not a name .*modules\.json\)\.$/),
    expect.stringMatching(/^modulesFile\.modules\.2: it is not a name .*modules\.json\)\.$/),
    expect.stringMatching(
      /^modulesFile\.scriptsPath\.0: it is not .*\(SITE_SCRIPTS_PATH in the environment\)\.$/,
    ),
    expect.stringMatching(/^modulesFile\.module: there is no such option/),
  ]);
});

test('all modules that are not there, or cannot be loaded, are named at once', async () => {
  const path = fileWith(
    { modules: ['one', 'two', 'broken'] },
    { 'broken.mjs': 'throw new Error("It broke")' },
  );
  await expect(modulesFile(path)).rejects.toThrow(
    /^modulesFile\.modules: "one": .*\nmodulesFile\.modules: "two": .*\nmodulesFile\.modules: "broken": .*It broke/,
  );
});

test('variables win over the file, where their beginning is named', async () => {
  process.env['SITE_MODULES'] = '["packaged"]';
  process.env['SITE_PORT'] = '80';
  const file = fileWith({ modules: ['greeting'], modulesPath: [FIXTURES] });
  const [named, unnamed] = [await clientOf(file, { env: 'SITE_' }), await clientOf(file)];
  delete process.env['SITE_MODULES'];
  delete process.env['SITE_PORT'];
  expect([
    (await named.get('/greeting/hello/')).status,
    (await unnamed.get('/greeting/hello/')).status,
  ]).toEqual([404, 200]);
  await expect(modulesFile(file, { env: '1-' })).rejects.toThrow(
    'modulesFile.env: "1-" is not what names of variables begin with',
  );
});

test('a file over 1 MiB is refused', async () => {
  const path = fileWith(`{${' '.repeat(1024 * 1024)}}`);
  const message = `The file "${path}" holds more than 1048576 bytes.`;
  await expect(modulesFile(path)).rejects.toThrow(developerError('E_CONFIG', message));
});

test.each<[what: string, names: object]>([
  ['a loop of links', { modules: ['loop'] }],
  ['a name that no file can have', { modules: ['x'.repeat(300)] }],
  ['a folder that is a file', { modules: ['hello'], modulesPath: ['modules.json'] }],
  ['a folder that no path leads to', { modules: ['hello'], modulesPath: ['x'.repeat(300)] }],
  ['a link to nowhere', { modules: ['dangling'] }],
])('%s has no module', async (_, names) => {
  const path = fileWith(names);
  for (const [name, to] of Object.entries({ loop: 'loop.js', dangling: 'nowhere.js' }))
    symlinkSync(to, path.replace('modules.json', `${name}.js`));
  await expect(modulesFile(path)).rejects.toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
});

test.each([undefined, 5, '', 'a\0b', new URL('https://example.com/modules.json')])(
  '%p is no file of names',
  async (file) => {
    await expect(modulesFile(file as string)).rejects.toThrow(
      /^modulesFile\.file: .* is not a path, or a URL of a file/,
    );
  },
);

test('a link out of the folder is no module of it', async () => {
  const path = fileWith({ modules: ['greeting'] });
  symlinkSync(`${FIXTURES}/greeting.ts`, path.replace('modules.json', 'greeting.ts'));
  await expect(modulesFile(path)).rejects.toThrow('there is no greeting.js');
});

describe('scripts in the file', () => {
  const scripts = { each: { script: 'each.sh', launcher: ['/bin/sh'], arguments: [{ name: 'name' }] } };

  test('have their pages, behind the guards of modules', async () => {
    const asked: string[] = [];
    const Noted = createGuard(
      'Noted',
      () =>
        ({ path }) =>
          asked.push(path),
    );
    const file = fileWith({ scripts }, { 'each.sh': '' });
    const client = await clientOf(file, { guards: [Noted()] });
    expect(await (await client.get('/scripts/')).text()).toContain('<a href="/scripts/each">each</a>');
    expect(await (await client.get('/scripts/each')).text()).toContain('name="name"');
    expect(asked).toEqual(['/scripts/', '/scripts/each']);
  });

  test.each(['/..', '/../x', '/a/./b', '/a/..'])('have no place that no URL leads to: %s', async (path) => {
    const file = fileWith({ scripts: { each: { ...scripts.each, path } } }, { 'each.sh': '' });
    await expect(modulesFile(file)).rejects.toThrow('scripts.each.path: it is not a path such as');
    await expect(modulesFile(fileWith({}), { scriptsAt: path })).rejects.toThrow(`"${path}" is not a path`);
  });

  test('have no place that is none', async () => {
    await expect(modulesFile(fileWith({ scripts }), { scriptsAt: 'programs' })).rejects.toThrow(
      developerError('E_SETTING', 'modulesFile.scriptsAt: "programs" is not a path such as "/scripts".'),
    );
  });

  test('are for who the switches let in', async () => {
    const file = fileWith({ scripts }, { 'each.sh': '' });
    const client = await clientOf(file, { acceptUnauthenticatedUser: false, scriptsAt: '/programs' });
    expect((await client.get('/programs/each')).status).toBe(401);
    expect((await client.get('/scripts/each')).status).toBe(404);
  });
});

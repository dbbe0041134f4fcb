/** `obol new`: names and folders that it takes, the files of each choice, its questions, and the installing of packages. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { choose, chooseInstall, RUNNERS } from '../../src/cli/new/choices.js';
import { nextSteps, writeProject } from '../../src/cli/new/make-project.js';
import { ownSource, PACKAGES } from '../../src/cli/new/packages.js';
import { placeOf } from '../../src/cli/new/place.js';
import { projectFiles } from '../../src/cli/new/project.js';
import { questionsAt } from '../../src/cli/new/questions.js';
import { runObol } from '../../src/cli/run.js';
import { TestFolder } from '../support/folder.js';
import { recordingTerminal } from './recording-terminal.js';

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

let folder: TestFolder;
let shop: string;

beforeEach(() => {
  folder = new TestFolder();
  shop = join(folder.path, 'shop');
});

afterEach(() => {
  folder.remove();
});

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { printed, warned, ...terminal } = recordingTerminal(env);
  const code = await runObol(['new', ...args], terminal);
  return { code, printed, warned };
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
    .sort();
}

const JSON_FILES = ['.gitignore', 'README.md', 'package.json', 'src/app.ts', 'src/greetings.ts'].concat([
  'src/home-controller.test.ts',
  'src/home-controller.ts',
  'src/main.ts',
  'tsconfig.json',
]);

test('makes a project, lists its files, and says what to do next', async () => {
  const { code, printed, warned } = await run([shop]);
  expect({ code, warned }).toEqual({ code: 0, warned: [] });
  expect(filesIn(shop)).toEqual(JSON_FILES);
  expect(printed[0]).toBe(`Making shop in ${shop}`);
  expect(printed.slice(1, -1).sort()).toEqual(JSON_FILES.map((file) => `  ${file}`).sort());
  expect(printed.at(-1)).toMatch(/^\nDone\. Next:\n\n {2}cd \S*shop\n {2}npm install\n {2}npm run dev /);
});

test('of a project in the folder where the user is, the next step is no cd', () => {
  expect(nextSteps({ folder: process.cwd(), name: 'here' }, true)).toMatch(/Next:\n\n {2}npm run dev /);
});

test('what has spaces is quoted in the next steps', () => {
  expect(nextSteps({ folder: join(process.cwd(), 'my shop'), name: 'shop' }, true)).toContain(
    'cd "my shop"\n',
  );
});

describe('a name', () => {
  test.each(['shop', 'a', '0shop', 'my-shop', 'my_shop.js', 'x'.repeat(214)])('%j is taken', (name) => {
    expect(placeOf(join(folder.path, name)).name).toBe(name);
  });

  test('with a scope has a folder without it', () => {
    expect(placeOf('@me/obol-new-shop')).toEqual({
      name: '@me/obol-new-shop',
      folder: join(process.cwd(), 'obol-new-shop'),
    });
  });

  test.each([
    ['Shop', '"Shop" is no name of a package: .* What about "shop"\\?'],
    ['My Café', 'What about "my-cafe"\\?'],
    ['.shop', 'What about "shop"\\?'],
    ['_shop', 'What about "shop"\\?'],
    ['shop!', 'What about "shop"\\?'],
    ['новый', 'begin with a letter or digit, and have 214 characters at most\\.'],
    ['x'.repeat(215), 'have 214 characters at most\\.'],
    ['a\x1b[2Jb', '"a\\\\u001b\\[2Jb" is no name'],
    ['http', 'A package cannot be called "http": that is something else already\\.'],
    ['node_modules', 'cannot be called "node_modules"'],
    ['obol', 'cannot be called "obol"'],
    ['typescript', 'cannot be called "typescript"'],
    ['@Me/shop', '"@Me/shop" is no name'],
  ])('%j is refused', async (name, message) => {
    const path = name.startsWith('@') ? name : join(folder.path, name);
    const { code, printed, warned } = await run([path]);
    expect({ code, printed, warned }).toEqual({
      code: 2,
      printed: [],
      warned: [expect.stringMatching(new RegExp(`^obol new: .*${message}.* See obol new --help\\.$`))],
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe('a line that is wrong is refused', () => {
  test.each([
    [[], 'Say how the project is called: obol new shop.'],
    [[''], 'The name is empty.'],
    [['a', 'b'], 'One project can be made, not "a" and "b".'],
    [['a', '--test', 'mocha'], '--test: "mocha" is none of node, vitest, jest.'],
    [['a', '--page'], '"--page" is no option. Did you mean "--pages"?'],
    [['a', '--install', '--no-install'], '--install and --no-install exclude each other.'],
    [['a', '--test'], "Option '-t, --test <value>' argument missing."],
  ])('%j', async (args, message) => {
    expect(await run(args)).toEqual({
      code: 2,
      printed: [],
      warned: [`obol new: ${message} See obol new --help.`],
    });
  });
});

describe('a folder', () => {
  test.each([
    [['notes.txt'], 'it has "notes.txt".'],
    [['a', 'b', 'c', 'd', 'e'], 'it has "a", "b", "c" and 2 more.'],
    [['.env'], 'it has ".env".'],
  ])('that has %j is left as it is', async (names, what) => {
    for (const name of names) folder.file(`shop/${name}`, 'mine');
    expect(await run([shop])).toEqual({
      code: 1,
      printed: [],
      warned: [`obol new: ${shop} is not empty: ${what} Take another name.`],
    });
    expect(readdirSync(shop)).toEqual(names);
  });

  test('that is a file is left as it is', async () => {
    folder.file('shop', 'mine');
    const { code, warned } = await run([shop]);
    expect({ code, warned }).toEqual({
      code: 1,
      warned: [expect.stringContaining('there is a file of that name, or on the way. Take another name.')],
    });
  });

  test('on the way to which is a file is refused', async () => {
    folder.file('apps', 'mine');
    expect(await run([join(folder.path, 'apps/shop')])).toMatchObject({ code: 1 });
  });

  test.each([[['.git/HEAD']], [['.DS_Store']], [[]]])(
    'that has %j alone is as good as empty',
    async (names) => {
      mkdirSync(shop);
      for (const name of names) folder.file(`shop/${name}`, '');
      expect(await run([shop])).toMatchObject({ code: 0 });
    },
  );

  test('whose name is too long for the system is one line', async () => {
    const { code, warned } = await run([join(folder.path, 'x'.repeat(300), 'shop')]);
    expect({ code, warned }).toEqual({ code: 1, warned: [expect.stringContaining('ENAMETOOLONG')] });
  });

  test('into which another program writes meanwhile keeps what that wrote', () => {
    folder.file('shop/src/main.ts', 'mine');
    const write = () => {
      writeProject({ folder: shop, name: 'shop' }, { test: 'node', pages: false }, recordingTerminal());
    };
    expect(write).toThrow(`${join(shop, 'src/main.ts')} cannot be written: EEXIST`);
    expect(readFileSync(join(shop, 'src/main.ts'), 'utf8')).toBe('mine');
  });
});

describe.each(RUNNERS.flatMap((runner) => [false, true].map((pages) => ({ test: runner, pages }))))(
  'the project of %j',
  (choices) => {
    const files = projectFiles('shop', choices);
    const manifest = JSON.parse(files.get('package.json') ?? '') as Manifest;

    test('is a package of modules that watches, builds, starts, tests and checks', () => {
      expect(manifest).toMatchObject({ name: 'shop', private: true, type: 'module' });
      expect(Object.keys(manifest.scripts)).toEqual(['dev', 'build', 'start', 'test', 'lint']);
      expect(manifest.scripts['dev']).toMatch(/^node --watch .*src\/main\.ts$/);
    });

    test('has the runner, and no other', () => {
      const others = RUNNERS.filter((name) => name !== 'node' && name !== choices.test);
      expect(others.filter((name) => name in manifest.devDependencies)).toEqual([]);
      if (choices.test !== 'node') expect(manifest.devDependencies).toHaveProperty(choices.test);
    });

    test('imports what it depends on, and its own files', () => {
      const sources = [...files].filter(([path]) => path.endsWith('.ts')).map(([, text]) => text);
      const imports = sources.flatMap((text) =>
        [...text.matchAll(/ from '([^']+)'/g)].map(([, name = '']) => name),
      );
      const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
      const isThere = (name: string): boolean =>
        name.startsWith('./')
          ? files.has(`src/${name.slice(2).replace(/\.js$/, '.ts')}`)
          : name.startsWith('node:') || packages.some((each) => name === each || name.startsWith(`${each}/`));
      expect(imports.length).toBeGreaterThan(8);
      expect(imports.filter((name) => !isThere(name))).toEqual([]);
    });

    test('names files in its README that are there', () => {
      const named = [...(files.get('README.md') ?? '').matchAll(/`(src\/[\w.-]+)`/g)].map(
        ([, path = '']) => path,
      );
      expect(named.length).toBeGreaterThan(3);
      expect(named.filter((path) => !files.has(path))).toEqual([]);
    });
  },
);

test('packages of a new project are those that Obol and its matrix of compilers are tested with', () => {
  const tested = ['package.json', 'tests/matrix/package.json'].map((path) => {
    const { version, ...fields } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Manifest> & {
      version: string;
    };
    return { obol: `^${version}`, ...fields.dependencies, ...fields.devDependencies };
  });
  const [own = {}, matrix = {}] = tested as Record<string, string>[];
  const aliases: Record<string, string | undefined> = {
    // Run in the projects of tests/programs alone.
    oxlint: PACKAGES['oxlint'],
    typescript: own['@typescript/native']?.replace('npm:typescript@', ''),
    vitest: matrix['vitest4']?.replace('npm:vitest@', ''),
  };
  for (const [name, range] of Object.entries(PACKAGES))
    expect([name, range]).toEqual([name, aliases[name] ?? own[name] ?? matrix[name]]);
});

test.each([
  ['of a registry', 'https://registry.npmjs.org/obol/-/obol-9.9.9.tgz', false],
  ['of a packed file', 'file:../packed/obol-9.9.9.tgz', true],
  ['of nothing that is known', undefined, false],
])('a project has the Obol %s that makes it', (_, resolved, isFile) => {
  const packages = { 'node_modules/obol': { resolved } };
  folder.file('app/node_modules/.package-lock.json', JSON.stringify({ packages }));
  const source = ownSource(join(folder.path, 'app/node_modules/obol'));
  expect(source).toBe(isFile ? `file:${join(folder.path, 'packed/obol-9.9.9.tgz')}` : PACKAGES['obol']);
});

describe('at a terminal', () => {
  let input: PassThrough & { isTTY?: boolean };
  let output: PassThrough;

  beforeEach(() => {
    input = Object.assign(new PassThrough(), { isTTY: true });
    output = new PassThrough();
  });

  /** Answers one question after the other. @returns what was chosen, and how many questions there were */
  async function answering(answers: readonly string[], given: Parameters<typeof choose>[0] = {}) {
    const left = [...answers];
    output.on('data', (shown: Buffer) => {
      if (/[\]?] $/.test(shown.toString())) input.write(`${left.shift() ?? ''}\n`);
    });
    const chosen = await choose(given, questionsAt(input, output));
    return { chosen, asked: answers.length - left.length };
  }

  test.each([
    [['', ''], {}, { test: 'node', pages: false }],
    [['jest', 'y'], {}, { test: 'jest', pages: true }],
    [['V', 'YES'], {}, { test: 'vitest', pages: true }],
    [['mocha', 'j', 'perhaps', 'n'], {}, { test: 'jest', pages: false }],
    [['y'], { test: 'vitest' }, { test: 'vitest', pages: true }],
    [['jest'], { pages: true }, { test: 'jest', pages: true }],
    [[], { test: 'node', pages: true }, { test: 'node', pages: true }],
  ] as const)('the answers %j to what %j leaves open choose %j', async (answers, given, chosen) => {
    expect(await answering(answers, given)).toEqual({ chosen, asked: answers.length });
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s ends it, and nothing is made', async (_, key) => {
    output.once('data', () => input.write(key));
    await expect(choose({}, questionsAt(input, output))).rejects.toMatchObject({
      message: 'interrupted; nothing was made.',
      exitCode: 1,
    });
  });

  test.each([
    ['', true],
    ['Y', true],
    ['no', false],
  ])('the answer %j installs: %j', async (answer, installs) => {
    output.once('data', () => input.write(`${answer}\n`));
    expect(await chooseInstall(questionsAt(input, output))).toBe(installs);
  });

  test('nothing is asked where the input is none', async () => {
    input.isTTY = false;
    expect(questionsAt(input, output)).toBeUndefined();
    expect(await choose({})).toEqual({ test: 'node', pages: false });
    expect(await chooseInstall(undefined)).toBe(false);
  });
});

describe('npm install', () => {
  /** Stands in for npm: keeps where and how it was called, and ends with a code. */
  function npmEndingWith(code: number): Record<string, string> {
    const npm = folder.file('bin/npm', `#!/bin/sh\necho "$(basename "$PWD") $*" > ../called\nexit ${code}\n`);
    chmodSync(npm, 0o755);
    return { PATH: `${join(folder.path, 'bin')}:${process.env['PATH'] ?? ''}` };
  }

  test('runs in the new folder, which is said before', async () => {
    const { code, printed } = await run([shop, '--install'], npmEndingWith(0));
    expect(code).toBe(0);
    expect(readFileSync(join(folder.path, 'called'), 'utf8')).toBe(
      `${basename(shop)} install --no-audit --no-fund\n`,
    );
    expect(printed.at(-2)).toBe('\nInstalling its packages: npm install');
    expect(printed.at(-1)).not.toContain('npm install');
  });

  test.each([[[]], [['--no-install']], [['--yes']]])('is left to the user with %j', async (options) => {
    expect(await run([shop, ...options], npmEndingWith(0))).toMatchObject({ code: 0 });
    expect(readdirSync(folder.path).sort()).toEqual(['bin', 'shop']);
  });

  test('that fails is one line, and the files stay', async () => {
    const { code, warned } = await run([shop, '--install'], npmEndingWith(7));
    expect({ code, warned }).toEqual({
      code: 1,
      warned: [`obol new: npm install ended with 7. The files are there; try npm install in ${shop}.`],
    });
    expect(filesIn(shop)).toEqual(JSON_FILES);
  });

  test('that is not there is one line', async () => {
    const { code, warned } = await run([shop, '--install'], { PATH: folder.path });
    expect({ code, warned }).toEqual({
      code: 1,
      warned: [
        expect.stringMatching(/^obol new: npm install did not start: spawn npm ENOENT\. The files are there/),
      ],
    });
  });
});

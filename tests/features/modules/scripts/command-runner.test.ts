/** Scripts offered as pages: their form, their runs, and who may run them. The programs are lines of the shell. */
import { chmodSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, Response, type Middleware } from 'obol';
import { CheckBasic, cookieLogin, logins } from 'obol/auth';
import { mount } from 'obol/composition';
import { CommandRunner, scripts, type ScriptOptions, type ScriptsOptions } from 'obol/modules';
import { TestClient, type TestResponse } from 'obol/testing';
import { start } from '../../../support/client.js';
import { developerError } from '../../../support/errors.js';
import { TestFolder } from '../../../support/folder.js';

const open: (CommandRunner | TestFolder)[] = [];

afterEach(async () => {
  for (const each of open.splice(0))
    if (each instanceof TestFolder) each.remove();
    else await each.close();
});

/** A runner of a line of the shell, whose arguments are `$1` and so on. */
function shell(line: string, options: Partial<ScriptOptions> = {}): CommandRunner {
  const runner = new CommandRunner({ command: ['/bin/sh', '-c', line, 'sh'], cwd: '/', ...options });
  open.push(runner);
  return runner;
}

/** A client of a runner alone. */
function clientOf(line: string, options: Partial<ScriptOptions> = {}): TestClient {
  return new TestClient(shell(line, options));
}

const EACH = 'for each; do echo "$each"; done';
const NAME = { arguments: [{ name: 'name' }] };
const JSON_ANSWER = { headers: { Accept: 'application/json' } };
const EVENTS = { headers: { Accept: 'text/event-stream' } };

type Output = Record<'stdout' | 'stderr' | 'ended' | 'summary', string> & {
  code: number | null;
  signal: string | null;
};

async function outputOf(client: TestClient, form: Record<string, string> = {}): Promise<Output> {
  return (await client.post('/', { ...JSON_ANSWER, form })).json<Output>();
}

/** The events of an answer as they are written, the sign of life at the beginning left out. */
/** @param seen gets what has come so far */
async function eventsOf(
  response: TestResponse,
  seen = (_text: string): void => undefined,
): Promise<string[]> {
  let text = '';
  for await (const piece of response.body) seen((text += Buffer.from(piece).toString()));
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((event) => event !== ':')
    .map((event) => event.replace(/"duration":\d+,"summary":".*?"/, '"..."'));
}

describe('the page', () => {
  test('has a field for each argument, with its label, and a script that its policy allows', async () => {
    const client = clientOf('', {
      title: 'A <script>',
      description: 'Does & shows.',
      arguments: [
        { name: '--count', kind: 'number', min: 1, max: 9, default: 3, description: 'How often' },
        { name: '--all', kind: 'flag', default: true },
        { name: '--colour', kind: 'choice', choices: ['red', '"green"'], default: 'red', label: 'Colour' },
        { name: '--tags', kind: 'choice', choices: ['a', 'b'], several: true },
        { name: '--secret', kind: 'password', required: true },
        { name: 'text', kind: 'multiline', default: '\n<b>' },
        { name: 'files', several: true, default: ['x', 'y'] },
      ],
    });
    const response = await client.get('/');
    const html = await response.text();
    const [, nonce = ''] = /<script nonce="([\w-]+)">/.exec(html) ?? [];
    expect(response.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
    expect(response.headers.get('cache-control')).toContain('private');
    const field = (part: string): string | undefined =>
      new RegExp(`<[^>]*name="${part}"[^]*?>`).exec(html)?.[0];
    expect(html).toContain('<h1>A &lt;script&gt;</h1>\n<p>Does &amp; shows.</p>');
    expect(field('--count')).toBe(
      '<input type="number" value="3" step="any" min="1" max="9" name="--count" id="field-0" aria-describedby="field-0-hint">',
    );
    expect(html).toContain('<label for="field-0">count\n');
    expect(html).toContain('<small id="field-0-hint">How often</small>');
    expect(field('--all')).toBe('<input type="checkbox" value="true" name="--all" id="field-1" checked>');
    expect(html).toContain(
      '<option value=""></option><option value="red" selected>red</option><option value="&quot;green&quot;">&quot;green&quot;</option></select>',
    );
    expect(field('--tags')).toBe('<select name="--tags" id="field-3" multiple>');
    expect(field('--secret')).toBe(
      '<input type="password" autocomplete="off" name="--secret" id="field-4" maxlength="1000" required>',
    );
    expect(html).toContain('name="text" id="field-5" maxlength="16384">\n\n&lt;b&gt;</textarea>');
    expect(html).toContain('name="files" id="field-6">\nx\ny</textarea>');
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is not allowed', async (method) => {
    const response = await clientOf('').request('/', { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});

describe('a run', () => {
  test('grows in the page, escaped, what is wrong apart, and says how it ended', async () => {
    const client = clientOf('echo "<b>$2"; echo "a & b" >&2; sleep 0.01; exit 3', NAME);
    const response = await client.post('/', { form: { name: '<i>' } });
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).toMatch(/role="log"[^>]*>(?=.*&lt;b&gt;&lt;i&gt;\n)/s);
    expect(html).toContain('<span class="error">a &amp; b\n</span>');
    expect(html).toMatch(/role="status">Ended with code 3 after \d+\.\d s\.<\/p>/);
    expect(html).toContain('value="&lt;i&gt;"');
  });

  test('comes as events', async () => {
    const folder = new TestFolder();
    open.push(folder);
    // Scripts run as another user.
    chmodSync(folder.path, 0o755);
    const goesOn = `until [ -e "${folder.path}/read" ]; do sleep 0.01; done`;
    const client = clientOf(`printf "\\033[31m10 %%\\n"; ${goesOn}; echo "x\n\ny 40%"`, { progress: true });
    const response = await client.post('/', { ...EVENTS, form: {} });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    const seen = (text: string): void => {
      if (text.includes('event: progress')) folder.file('read', '');
    };
    expect(await eventsOf(response, seen)).toEqual([
      'event: stdout\ndata: 10 %\ndata: ',
      'event: progress\ndata: 10',
      'event: stdout\ndata: x\ndata: \ndata: y 40%\ndata: ',
      'event: progress\ndata: 40',
      'event: end\ndata: {"code":0,"signal":null,"ended":"exit","..."}',
    ]);
  });

  test('comes as JSON, for a body of WebScripts too', async () => {
    const client = clientOf(EACH, NAME);
    const expected = { stdout: '--\n--help\n', stderr: '', code: 0, signal: null, ended: 'exit' };
    expect(await outputOf(client, { name: '--help' })).toMatchObject(expected);
    const json = { csrf_token: '', arguments: { name: { value: '--help', input: false } } };
    expect(await (await client.post('/', { json })).json()).toMatchObject(expected);
    expect((await client.post('/', { ...EVENTS, json })).headers.get('content-type')).toBe(
      'text/event-stream; charset=utf-8',
    );
  });

  test.each([
    ['exit 7', { code: 7, signal: null, ended: 'exit' }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL', ended: 'exit' }],
    ['echo e >&2; sleep 0.01', { code: 0, stderr: 'e\n', stdout: '' }],
    ['cat', { stdout: '', code: 0 }],
    ['printf "\\033"; sleep 0.03; printf "[31mred"', { stdout: 'red' }],
    ['echo "${OBOL_USER-none}|${OBOL_GROUPS-none}|${OBOL_TEST_SECRET-none}"', { stdout: '||none\n' }],
  ])('of %j gives %j', async (line, expected) => {
    process.env['OBOL_TEST_SECRET'] = 'secret';
    expect(await outputOf(clientOf(line))).toMatchObject(expected);
    delete process.env['OBOL_TEST_SECRET'];
  });

  test.each<[user: unknown, variables: string]>([
    ['Ann', 'Ann|'],
    [{ name: 'Ann', groups: ['staff', 500] }, 'Ann|staff,500'],
    [{ name: 'A\nB', groups: ['staff,admin', 'a\0', 'b\nc', 'd e'] }, '|d e'],
    [{ name: {}, groups: 'admin' }, '|'],
    [7, '|'],
  ])('knows of the user %j no more than %j', async (user, variables) => {
    const runner = shell('echo "$OBOL_USER|$OBOL_GROUPS"');
    const asUser: Middleware = (request) => {
      request.user = user;
      return runner.handle(request);
    };
    const { client } = await start(Home, { middleware: [asUser] });
    expect(await outputOf(client)).toMatchObject({ stdout: `${variables}\n` });
  });

  test('reads its input', async () => {
    const client = clientOf('cat; echo $#', {
      arguments: [
        { name: '--secret', kind: 'password' },
        { name: 'lines', kind: 'multiline', input: true },
      ],
    });
    expect(await outputOf(client, { '--secret': 'x', lines: 'a\r\nb' })).toMatchObject({
      stdout: 'x\na\nb\n0\n',
    });
  });

  test('is ended when it takes too long', async () => {
    expect(await outputOf(clientOf('echo a; sleep 60', { timeout: 60 }))).toMatchObject({
      stdout: 'a\n',
      code: null,
      ended: 'time',
      summary: expect.stringMatching(/^Stopped, since it took too long, after /),
    });
  });

  test('is ended when it writes too much', async () => {
    const { stdout, ended } = await outputOf(clientOf('yes', { maxOutput: 10_000 }));
    expect([stdout, ended]).toEqual(['y\n'.repeat(5_000), 'output']);
  });

  test('of a program that is not there is a mistake of the server', async () => {
    const { client, logger } = await start(Home, {
      features: [scripts({ scripts: { lost: { command: ['/no/such/program'] } } })],
    });
    expect((await client.post('/scripts/lost', { form: {} })).status).toBe(500);
    expect(String(logger.errors)).toContain('/no/such/program');
  });

  test('leaves no process when its client leaves', async () => {
    const client = clientOf('sleep 60 & echo $!; wait');
    const leaving = new AbortController();
    const response = await client.post('/', { ...EVENTS, form: {}, signal: leaving.signal });
    let text = '';
    let pid: string | undefined;
    for await (const bytes of response.body) {
      text += Buffer.from(bytes).toString();
      pid = /^data: (\d+)$/m.exec(text)?.[1];
      if (pid !== undefined) break;
    }
    leaving.abort();
    while (isAlive(pid ?? '')) await sleep(5);
  });

  test.each(['text/event-stream', 'text/html'])('ends when its answer as %s is dropped', async (Accept) => {
    const runner = shell('echo $$; exec sleep 60', { concurrency: 1 });
    const dropped: Middleware = async (request, next) =>
      request.method === 'POST' ? (await runner.handle(request), new Response('other')) : next(request);
    const { client } = await start(Home, { middleware: [dropped] });
    for (const each of ['first', 'second']) {
      const response = await client.post('/', { headers: { Accept }, form: {} });
      expect([each, await response.text()]).toEqual([each, 'other']);
    }
  });

  test('goes on when its program writes elsewhere, for as long as it has time', async () => {
    const line = 'echo a; exec >&- 2>&-; sleep 0.05; exit 3';
    expect(await outputOf(clientOf(line))).toMatchObject({ stdout: 'a\n', code: 3, ended: 'exit' });
    const slow = clientOf('echo a; exec >&- 2>&-; exec sleep 60', { timeout: 100 });
    expect(await outputOf(slow)).toMatchObject({ stdout: 'a\n', code: null, ended: 'time' });
  });

  test('waits for its turn, and is refused when too many wait', async () => {
    const client = clientOf('sleep 0.05; echo done', { concurrency: 1, queue: 1 });
    const responses = await Promise.all([1, 2, 3].map(() => client.post('/', { ...JSON_ANSWER, form: {} })));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 503]);
    expect(responses.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
  });
});

/** Whether a process lives; one that is dead and not yet fetched by its parent does not. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

describe('what is refused', () => {
  test('is said in the page, above a form with what was filled in', async () => {
    const client = clientOf(EACH, { arguments: [{ name: '--count', kind: 'number' }, { name: 'name' }] });
    const response = await client.post('/', { form: { '--count': '<x>', name: 'smith' } });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain('<p role="alert" id="alert">--count: it is no number.</p>');
    expect(html).toContain('value="&lt;x&gt;"');
    expect(html).toContain('value="smith"');
  });

  test.each<[what: string, init: Parameters<TestClient['post']>[1], status: number]>([
    ['a field that is none', { form: { other: 'x' } }, 400],
    ['NUL', { form: { name: 'a\0b' } }, 400],
    ['a body of no form', { body: 'x', headers: { 'Content-Type': 'text/plain' } }, 415],
    ['JSON that is none', { body: '{', headers: { 'Content-Type': 'application/json' } }, 400],
    ['a list of JSON', { json: [] }, 400],
    ['a number for an object', { json: { arguments: 1 } }, 400],
    [
      'a body over 1 MiB',
      { json: { arguments: { name: { value: 'x'.repeat(1 << 20), input: false } } } },
      413,
    ],
    ['another origin', { form: {}, headers: { Origin: 'https://evil.example' } }, 403],
    ['another site', { json: {}, headers: { 'Sec-Fetch-Site': 'cross-site' } }, 403],
    ['a cookie and no origin', { form: {}, headers: { Cookie: 'a=b' } }, 403],
    ['a cookie and no origin, as JSON', { json: { csrf_token: 'x' }, headers: { Cookie: 'a=b' } }, 403],
  ])('%s', async (_, init = {}, status) => {
    const response = await clientOf(EACH, NAME).post('/', init);
    expect(response.status).toBe(status);
  });

  test('is not what comes with the token of its page', async () => {
    const client = clientOf(EACH, NAME);
    const page = await (await client.get('/')).page();
    expect((await page.form().fill({ name: 'smith' }).submit()).status).toBe(200);
  });
});

test.each<[options: object, message: string]>([
  [
    { command: [] },
    'CommandRunner.command: there is none; give a program and its arguments, such as ["node", "greet.js"].',
  ],
  [
    { arguments: [{ name: 'a b' }] },
    'CommandRunner.arguments[0].name: "a b" is not a name such as "--count", "-c" or "file".',
  ],
  [
    { arguments: [{ name: '__proto__' }] },
    'CommandRunner.arguments[0].name: "__proto__" is not a name such as "--count", "-c" or "file".',
  ],
  [{ arguments: [{ name: 'a' }, { name: 'a' }] }, 'CommandRunner.arguments: "a" is there twice.'],
  [
    { arguments: [{ name: 'a', kind: 'choice' }] },
    'CommandRunner.arguments: "a" is a choice where it has choices, and has choices where it is a choice: give both or neither.',
  ],
  [
    { arguments: [{ name: 'a', kind: 'flag' }] },
    'CommandRunner.arguments: "a" is a flag: it needs a name such as "--all", and has no value that were required, several or input.',
  ],
  [
    { arguments: [{ name: 'a' }, { name: 'b', required: true }] },
    'CommandRunner.arguments: "b" is required and stands behind "a", which may be left out.',
  ],
  [
    { arguments: [{ name: 'a', several: true }, { name: 'b' }] },
    'CommandRunner.arguments: "b" stands behind "a", which takes all that come.',
  ],
  [
    { arguments: [{ name: '--p', kind: 'password', input: false }] },
    'CommandRunner.arguments: "--p" is a password: it goes to the standard input, since all users of the machine can read command lines.',
  ],
  [
    { arguments: [{ name: '--p', kind: 'password', default: 'x' }] },
    'CommandRunner.arguments: "--p" has a default, which its page would show: leave it out.',
  ],
  [
    { arguments: [{ name: 'a', kind: 'number', default: 'x' }] },
    'CommandRunner.arguments: "a" has a default that is no value of it: it is no number.',
  ],
  [
    { arguments: [{ name: 'a', default: {} }] },
    'CommandRunner.arguments[0].default: {} is not a text, a number, true, false or a list of texts.',
  ],
  [
    { arguments: [{ name: 'a', default: true }] },
    'CommandRunner.arguments: "a" has a default that its kind cannot have.',
  ],
  [
    { arguments: [{ name: 'a', kind: 'number', several: true }] },
    'CommandRunner.arguments: "a" has several values: its kind is "text" or "choice".',
  ],
  [{ timeout: -1 }, 'CommandRunner.timeout: -1 is not a whole number of milliseconds, 0 to 2147483647.'],
])('a runner cannot be made with %j', (options, message) => {
  expect(() => new CommandRunner({ command: ['/bin/true'], ...options })).toThrow(
    developerError('E_SETTING', message),
  );
});

@Controller('/')
class Home {
  @Get('/') home() {
    return 'home';
  }
}

describe('scripts()', () => {
  const greet = { command: ['/bin/sh', '-c', EACH, 'sh'], arguments: [{ name: 'name' }] };

  async function clientWith(options: ScriptsOptions) {
    return start(Home, { features: [scripts(options)] });
  }

  test('has a page for each, in the table, and one that lists them', async () => {
    const { app, client } = await clientWith({
      scripts: { greet: { ...greet, description: 'Says <hello>' }, other: { ...greet, title: 'Another' } },
    });
    expect(String(app.routes)).toMatch(/GET,POST +\/scripts\/greet +greet\n/);
    expect(await (await client.get('/scripts/')).text()).toContain(
      '<li><a href="/scripts/greet">greet</a><br><small>Says &lt;hello&gt;</small></li>\n<li><a href="/scripts/other">Another</a></li>',
    );
    expect(
      await (await client.post('/scripts/greet', { ...JSON_ANSWER, form: { name: 'a' } })).json(),
    ).toMatchObject({ stdout: '--\na\n' });
    expect((await client.request('/scripts/greet', { method: 'PUT' })).status).toBe(405);
    await app.close();
  });

  test('lets a script have the path of the list, and links below a mount', async () => {
    const own = await clientWith({ scripts: { greet: { ...greet, path: '/scripts/' } } });
    expect(await (await own.client.get('/scripts/')).text()).toContain('<h1>greet</h1>');
    const inner = await clientWith({ scripts: { greet } });
    const outer = new TestClient(mount('/inner', inner.app));
    expect(await (await outer.get('/inner/scripts/')).text()).toContain('href="/inner/scripts/greet"');
  });

  test('puts guards before them, and lets in the groups of each', async () => {
    const users = { verify: (_: string, password: string) => password === 'secret' };
    const { client } = await clientWith({
      scripts: { all: greet, some: { ...greet, groups: ['admin'] }, high: { ...greet, minimumLevel: 5 } },
      guards: [CheckBasic('Staff', users)],
    });
    const headers = { Authorization: `Basic ${Buffer.from('smith:secret').toString('base64')}` };
    const statuses = async (init: object) =>
      Promise.all(
        ['', 'all', 'some', 'high'].map(async (name) => (await client.get(`/scripts/${name}`, init)).status),
      );
    expect(await statuses({})).toEqual([401, 401, 401, 401]);
    expect(await statuses({ headers })).toEqual([200, 200, 403, 403]);
    const json = { arguments: { name: { value: '', input: false } } };
    expect((await client.post('/scripts/all', { headers, json })).status).toBe(403);
  });

  test('lists what the client may run, and is kept for no other', async () => {
    const people: Record<string, object> = {
      ann: { groups: ['admin'], level: 1 },
      bob: { level: 9 },
      cyd: {},
    };
    const { client } = await start(Home, {
      middleware: [
        (asked, next) => {
          asked.user = people[asked.args.getFirst('as') ?? ''] ?? null;
          return next(asked);
        },
      ],
      features: [
        logins(cookieLogin({ keys: ['a key of thirty-two bytes or more than that'] })),
        scripts({
          scripts: { all: greet, some: { ...greet, groups: ['admin'] }, high: { ...greet, minimumLevel: 5 } },
        }),
      ],
    });
    const listed = async (as: string) => {
      const response = await client.get(`/scripts/?as=${as}`);
      expect([response.headers.get('vary'), response.headers.get('cache-control')]).toEqual([
        'Cookie',
        'private',
      ]);
      return [...(await response.text()).matchAll(/href="\/scripts\/(\w+)"/g)].map(([, name]) => name);
    };
    expect(await listed('')).toEqual(['all']);
    expect(await listed('ann')).toEqual(['all', 'some']);
    expect(await listed('bob')).toEqual(['all', 'high']);
    expect(await listed('cyd')).toEqual(['all']);
  });

  test.each([
    [
      'scripts.json',
      JSON.stringify({ greet: { script: 'greet.sh', launcher: ['/bin/sh'], arguments: [{ name: 'name' }] } }),
    ],
    ['scripts.ini', '[greet]\nscript = greet.sh\nlauncher = /bin/sh\n[greet.name]\n'],
  ])('reads them from %s', async (name, text) => {
    const folder = folderWith({ [name]: text, 'greet.sh': EACH });
    const { app, client } = await clientWith({ file: `${folder.path}/${name}` });
    expect(await (await client.get('/scripts/greet')).text()).toContain('<h1>greet</h1>');
    await app.close();
  });

  test.each<[files: Record<string, string>, message: string]>([
    [{}, 'scripts: "FILE" is no file; a relative path begins in the working directory.'],
    [{ 'scripts.json': '[]' }, 'scripts: "FILE" holds no JSON object.'],
    [
      { 'scripts.json': '{"a/b": {}}' },
      'scripts("FILE"): "a/b" is no name of a script; use letters, digits, "_" and "-".',
    ],
    [
      { 'scripts.json': '{"__proto__": {}}' },
      'scripts("FILE"): "__proto__" is no name of a script; use letters, digits, "_" and "-".',
    ],
    [
      { 'scripts.json': '{"a": {}}' },
      'scripts("FILE").a: give either "command" or "script", and one of them.',
    ],
    [
      { 'scripts.json': '{"a": {"script": "../a.sh"}}' },
      'scripts("FILE").a.script: "../a.sh" is not the name of a file, such as "greet.sh".',
    ],
    [
      { 'scripts.json': '{"a": {"script": "a.sh"}}' },
      'scripts("FILE"): there is no file "a.sh" in "FOLDER"; put it there, or name its folder in scriptsPath.',
    ],
    [
      { 'scripts.json': '{"a": {"command": ["a"], "csrf": {}}}' },
      'scripts("FILE").a.csrf: there is no such option.',
    ],
  ])('refuses %j', (files, message) => {
    const folder = folderWith(files);
    const expected = message.replace('FILE', `${folder.path}/scripts.json`).replace('FOLDER', folder.path);
    expect(() => scripts({ file: `${folder.path}/scripts.json` })).toThrow(expected);
  });
});

function folderWith(files: Readonly<Record<string, string>>): TestFolder {
  const folder = new TestFolder();
  open.push(folder);
  for (const [name, text] of Object.entries(files)) folder.file(name, text);
  return folder;
}

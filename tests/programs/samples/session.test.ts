/** The three samples with sessions, as their readers start them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';

const SAMPLES = ['session', 'poor-session', 'aes-session'] as const;

/** One client, which keeps its cookie and follows no redirect. */
class Client {
  cookie = '';
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(path: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(this.#url + path, {
      redirect: 'manual',
      headers: { Cookie: this.cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '');
    return response;
  }

  /** Status and Location. */
  async leads(path: string, form?: Readonly<Record<string, string>>): Promise<[number, string | null]> {
    const response = await this.ask(path, form);
    return [response.status, response.headers.get('location')];
  }
}

describe.each(SAMPLES)('samples/%s', (name) => {
  let program: Program;
  let client: Client;

  beforeAll(async () => {
    program = new Program(['samples/run.mjs', name], { PORT: '0' });
    const [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
    client = new Client(url);
  });

  afterAll(async () => {
    program.process.kill('SIGTERM');
    await program.exited;
    expect(program.output).not.toContain('Error');
  });

  test('shows pages, and a form to log in', async () => {
    expect((await client.ask('/')).status).toBe(200);
    const html = await (await client.ask('/login')).text();
    for (const part of ['method="post"', 'name="username"', 'name="password"']) expect(html).toContain(part);
    expect(client.cookie).toBe('');
  });

  test('sends who is not logged in to the form', async () => {
    expect(await client.leads('/private')).toEqual([302, '/login']);
  });

  test.each([
    { username: 'smith', password: 'wrong' },
    { username: 'smith' },
    { username: '', password: 'secret' },
    {},
  ] as Record<string, string>[])('sends %j back to the form, which says so once', async (form) => {
    expect(await client.leads('/login', form)).toEqual([302, '/login']);
    expect(await (await client.ask('/login')).text()).toContain('That is not the password.');
    expect(await (await client.ask('/login')).text()).not.toContain('That is not the password.');
  });

  test('lets in who knows the password, and out again', async () => {
    const login = await client.ask('/login', { username: 'Jürgen <b>', password: 'secret' });
    expect([login.status, login.headers.get('location')]).toEqual([302, '/private']);
    expect(login.headers.get('set-cookie')).toMatch(/^SESSID=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const page = await client.ask('/private');
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'private']);
    expect(await page.text()).toContain('Hello, <b>Jürgen &lt;b&gt;</b>!');
    expect(await client.leads('/logout')).toEqual([302, '/']);
    expect(client.cookie).toBe('');
    expect(await client.leads('/private')).toEqual([302, '/login']);
  });

  test('tells the name in its cookie only where the session is plain', async () => {
    await client.ask('/login', { username: 'smith', password: 'secret' });
    const cookie = client.cookie.slice('SESSID='.length);
    const decoded = cookie.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    const token = /"token":"([\w.-]+)"/.exec(decoded.join())?.[1] ?? '';
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    expect(claims.includes('"sub":"smith"')).toBe(name === 'session');
    expect(cookie + decoded.join()).not.toContain('smith');
  });

  test('takes no cookie that was changed', async () => {
    await client.ask('/login', { username: 'smith', password: 'secret' });
    const other = client.cookie.at(-2) === 'A' ? 'B' : 'A';
    client.cookie = client.cookie.slice(0, -2) + other + client.cookie.slice(-1);
    expect(await client.leads('/private')).toEqual([302, '/login']);
  });
});

test('refused cookies are told of where NODE_DEBUG asks for it, in one line and without their value', async () => {
  const program = new Program(['samples/run.mjs', 'poor-session'], { PORT: '0', NODE_DEBUG: 'obol' });
  try {
    const [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
    await fetch(`${url}/private`, { headers: { Cookie: 'SESSID=not-one-of-ours' } });
    await program.prints(/GET \/private: the session was refused: it is too short/);
    expect(program.output).not.toContain('not-one-of-ours');
  } finally {
    program.process.kill('SIGTERM');
    await program.exited;
  }
});

test('a copy of the cookie ends with a log-out where that is asked for', async () => {
  const program = new Program(['samples/run.mjs', 'aes-session'], { PORT: '0' });
  try {
    const [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
    const client = new Client(url);
    await client.ask('/login', { username: 'smith', password: 'secret' });
    const copy = new Client(url);
    copy.cookie = client.cookie;
    expect((await copy.ask('/private')).status).toBe(200);
    await client.ask('/logout');
    expect(await copy.leads('/private')).toEqual([302, '/login']);
  } finally {
    program.process.kill('SIGTERM');
    await program.exited;
  }
});

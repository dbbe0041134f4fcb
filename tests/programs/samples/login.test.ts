/** The sample that logs in with a form, as a program of its own. */
import { describe, expect, test } from '@jest/globals';
import type { RawResponse } from '../../support/raw-client.js';
import { sample } from '../../support/sample.js';

const running = sample('login');

/** A client with cookies, as far as this needs one. */
class Visitor {
  #cookie = '';

  async get(path: string): Promise<RawResponse> {
    return this.#keep(await running.ask(`GET ${path}`, this.#fields()));
  }

  async post(path: string, fields: Record<string, string>): Promise<RawResponse> {
    const body = new URLSearchParams(fields).toString();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const head = [...this.#fields(), type, `Content-Length: ${body.length}`];
    return this.#keep(await running.ask(`POST ${path}`, head, body));
  }

  async logIn(user: string, password: string, next = '/'): Promise<RawResponse> {
    const form = await this.get(`/login?next=${encodeURIComponent(next)}`);
    return this.post('/login', { ...hiddenFields(form.text), user, password });
  }

  get cookie(): string {
    return this.#cookie;
  }

  #fields(): string[] {
    return ['Accept: text/html', ...(this.#cookie === '' ? [] : [`Cookie: ${this.#cookie}`])];
  }

  #keep(response: RawResponse): RawResponse {
    const set = response.header('set-cookie');
    if (set !== undefined) this.#cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '');
    return response;
  }
}

function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}

describe('samples/login', () => {
  test('sends a stranger to the form, and back when he has logged in', async () => {
    const visitor = new Visitor();
    const refused = await visitor.get('/members?page=2');
    expect([refused.status, refused.header('location')]).toEqual([303, '/login?next=%2Fmembers%3Fpage%3D2']);
    const entered = await visitor.logIn('bert', 'battery staple', '/members?page=2');
    expect([entered.status, entered.header('location')]).toEqual([303, '/members?page=2']);
    expect((await visitor.get('/members?page=2')).text).toContain('such as bert');
  });

  test('tells members from administrators', async () => {
    const [anna, bert] = [new Visitor(), new Visitor()];
    await anna.logIn('anna', 'correct horse');
    await bert.logIn('bert', 'battery staple');
    expect((await anna.get('/admin')).status).toBe(200);
    const refused = await bert.get('/admin');
    expect([refused.status, refused.text.includes('Not for you')]).toEqual([403, true]);
  });

  test('gives another session to who logs in, and none to who has logged out', async () => {
    const visitor = new Visitor();
    await visitor.get('/login');
    const before = visitor.cookie;
    await visitor.logIn('bert', 'battery staple');
    expect(before).not.toBe('');
    expect(visitor.cookie).not.toBe(before);
    const home = await visitor.get('/');
    const left = await visitor.post('/logout', hiddenFields(home.text));
    expect([left.status, left.header('location'), visitor.cookie]).toEqual([303, '/', '']);
    expect((await visitor.get('/members')).status).toBe(303);
  });

  test('refuses a form without its token', async () => {
    const visitor = new Visitor();
    await visitor.get('/login');
    expect((await visitor.post('/login', { user: 'bert', password: 'battery staple' })).status).toBe(403);
  });

  test('sends away who was wrong five times', async () => {
    const visitor = new Visitor();
    for (let i = 0; i < 5; i++) expect((await visitor.logIn('zoe', 'wrong')).status).toBe(401);
    const refused = await visitor.logIn('zoe', 'wrong');
    expect([refused.status, Number(refused.header('retry-after')) > 0]).toEqual([429, true]);
    expect((await visitor.logIn('bert', 'battery staple')).status).toBe(303);
  });
});

/** samples/contracts as its readers start it. */
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { sample } from '../../support/sample.js';

const site = sample('contracts');
const TOKEN = { Authorization: 'Bearer demo' };

function send(line: string, body: string | FormData, headers: Readonly<Record<string, string>>) {
  const [method = '', path = ''] = line.split(' ');
  return fetch(site.url + path, { method, body, headers });
}

function json(line: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return send(line, JSON.stringify(body), { 'Content-Type': 'application/json', ...headers });
}

describe('an issue', () => {
  test('is added by who has a token, shown, changed and commented', async () => {
    const added = await json(
      'POST /issues',
      { title: 'Tea is out', labels: ['kitchen', 'tea'], due: '2026-12-24' },
      TOKEN,
    );
    const place = added.headers.get('location') ?? '';
    expect([added.status, await added.json()]).toEqual([
      201,
      { id: 1, title: 'Tea is out', labels: ['kitchen', 'tea'], due: '2026-12-24', comments: [] },
    ]);
    expect((await json(`POST ${place}/comments`, { text: 'Buy some' }, TOKEN)).status).toBe(201);
    const type = { 'Content-Type': 'application/merge-patch+json' };
    const changed = await send(`PATCH ${place}`, '{"due":null,"labels":null}', { ...type, ...TOKEN });
    const issue: unknown = await changed.json();
    expect(issue).toMatchObject({ labels: [], due: null, comments: [{ text: 'Buy some' }] });
    expect(JSON.parse((await site.ask(`GET ${place}`)).text)).toEqual(issue);
  });

  test('is found by its words', async () => {
    await json('POST /issues', { title: 'Red door' }, TOKEN);
    const found = await json('QUERY /issues', { text: 'DOOR' });
    expect(await found.json()).toMatchObject({ items: [{ title: 'Red door' }], next: null });
  });

  test('is listed page by page, with what was asked for kept', async () => {
    for (const title of ['a', 'b', 'c']) await json('POST /issues', { title, labels: ['x y', 'z'] }, TOKEN);
    const titles: string[] = [];
    let next: string | null = '/issues?limit=2&label=x%20y&label=z&unknown=1';
    while (next !== null) {
      const page = JSON.parse((await site.ask(`GET ${next}`)).text) as {
        items: { title: string }[];
        next: string | null;
      };
      titles.push(...page.items.map(({ title }) => title));
      next = page.next;
    }
    expect(titles).toEqual(['a', 'b', 'c']);
  });

  test.each<[string, object, number]>([
    ['POST /issues', { title: '' }, 422],
    ['POST /issues', { title: '\u{1f600}'.repeat(200) }, 201],
    ['POST /issues', { title: '\u{1f600}'.repeat(201) }, 422],
    ['POST /issues', { title: 'a', due: '2026-02-30' }, 422],
    ['POST /issues', { title: 'a', labels: Array.from({ length: 11 }, () => 'x') }, 422],
    ['POST /issues', { title: 'a', more: 1 }, 422],
    ['PATCH /issues/1', { title: null }, 422],
    ['PATCH /issues/99', { title: 'a' }, 404],
  ])('%s, %#, is answered as it should be', async (line, body, status) => {
    expect((await json(line, body, TOKEN)).status).toBe(status);
  });

  test.each<[string, number]>([
    ['limit=0', 422],
    ['limit=101', 422],
    ['limit=x', 422],
    ['limit=', 200],
    ['limit=5&limit=5', 422],
  ])('a list with %s is answered %i', async (query, status) => {
    expect((await site.ask(`GET /issues?${query}`)).status).toBe(status);
  });
});

test('what writes without a token is 401 as a JSON problem, before the body is looked at', async () => {
  const answer = await send('POST /issues', '{', { 'Content-Type': 'application/json' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
});

describe('an attachment', () => {
  const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

  function attach(file: Buffer | undefined, filename = 'a.png') {
    const body = new FormData();
    body.append('caption', 'Sea');
    if (file) body.append('file', new Blob([file]), filename);
    return send('POST /issues/1/attachment', body, TOKEN);
  }

  test.each<[string, Buffer | undefined, number]>([
    ['nothing', undefined, 422],
    ['text', Buffer.from('text'), 415],
    ['too much', Buffer.concat([PNG, Buffer.alloc(1024 * 1024)]), 413],
  ])('of %s is refused', async (_what, file, status) => {
    expect((await attach(file)).status).toBe(status);
  });

  test('is answered with what it is, its name without folders', async () => {
    const answer = await attach(PNG, '../../sea.txt');
    expect([answer.status, await answer.json()]).toEqual([
      201,
      { name: 'sea.txt', size: 8, type: 'image/png', caption: 'Sea' },
    ]);
  });
});

test('an answer that does not fit its contract is a 500, whose reason stands in the log alone', async () => {
  const { status, text } = await site.ask('GET /broken');
  expect([status, text]).toEqual([500, expect.not.stringContaining('contract')]);
  expect(site.output).toContain('does not fit its contract');
});

describe('the document', () => {
  test('has every route with its statuses, and what protects it', async () => {
    const { paths } = JSON.parse((await site.ask('GET /openapi.json')).text) as {
      paths: Record<
        string,
        Record<string, { security?: object[]; responses: object; parameters?: { name: string }[] }>
      >;
    };
    const said = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security, responses }]) => [
        `${method} ${path}`,
        [Object.keys(security?.[0] ?? {}).join(), Object.keys(responses).join()],
      ]),
    );
    expect(Object.fromEntries(said)).toMatchObject({
      'get /issues': ['', '200,422,4XX,default'],
      'post /issues': ['bearer', '201,400,401,403,413,415,422,4XX,default'],
      'x-query /issues': ['', '200,400,413,415,422,4XX,default'],
      'patch /issues/{id}': ['bearer', '200,400,401,403,404,413,415,422,4XX,default'],
      'post /issues/{id}/attachment': ['bearer', '201,400,401,403,404,413,415,422,4XX,default'],
      'get /live': ['token', '101,401,403,426,4XX,default'],
      'get /broken': ['', '200,4XX,default'],
    });
    expect(paths['/issues']?.['get']?.parameters?.map(({ name }) => name)).toEqual([
      'limit',
      'label',
      'after',
    ]);
    expect((await site.ask('GET /docs')).status).toBe(200);
  });

  test('leads to what the page asks: its program, and the paths', async () => {
    expect((await site.ask('GET /page.js')).text).toContain('/routes.js');
    expect((await site.ask('GET /routes.js')).text).toContain('"IssuesController"');
  });
});

describe('/live', () => {
  const live = (query: string, headers: Readonly<Record<string, string>> = {}): WebSocket =>
    new WebSocket(`${site.url.replace('http', 'ws')}/live${query}`, { headers });

  test('sends each issue that is added, as GET gives it, and ignores what it gets', async () => {
    const socket = live('?token=demo');
    await once(socket, 'open');
    socket.send('ignored');
    const message = once(socket, 'message');
    const added = await json('POST /issues', { title: 'Live' }, TOKEN);
    const [data] = (await message) as [Buffer];
    expect(JSON.parse(data.toString())).toEqual(await added.json());
    socket.close();
    expect((await once(socket, 'close'))[0]).toBe(1005);
  });

  test.each([
    ['', {}, 401],
    ['?token=wrong', { Origin: 'https://evil.example' }, 401],
    ['?token=demo', { Origin: 'https://evil.example' }, 403],
  ])('%s with %j is refused with %i', async (query, headers, status) => {
    const [error] = (await once(live(query, headers), 'error')) as [Error];
    expect(error.message).toBe(`Unexpected server response: ${status}`);
  });

  test('asks for an upgrade', async () => {
    const answer = await site.ask('GET /live?token=demo');
    expect([answer.status, answer.header('upgrade')]).toEqual([426, 'websocket']);
    expect(site.output).not.toContain('token=');
  });
});

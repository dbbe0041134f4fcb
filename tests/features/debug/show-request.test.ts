/** The request as a handler shows it. */
import { describe, expect, test } from '@jest/globals';
import * as obol from 'obol';
import { bootstrap, Controller, Get, METHOD_ALL } from 'obol';
import * as debug from 'obol/debug';
import { showRequest, type ShowRequestOptions } from 'obol/debug';
import { mount } from 'obol/composition';
import { TestClient, type RequestInit } from 'obol/testing';
import { urlSigner } from 'obol/urls';
import { blocksOf, runBlock } from '../../support/document-blocks.js';
import { developerError } from '../../support/errors.js';

const SECRET = 'hunter2-4711';

@Controller('/quiet')
class Quiet {
  @Get('/')
  none() {
    return null;
  }
}

/** An application that shows what it is asked, in debug mode. */
async function debugging(options: ShowRequestOptions = {}, debug = true): ReturnType<typeof bootstrap> {
  const app = await bootstrap({ controllers: [Quiet], debug });
  app.routes.add('/', showRequest(options), METHOD_ALL);
  app.routes.add('/<rest:path>', showRequest(options), METHOD_ALL);
  app.routes.add('/reset/<token>/<name>', showRequest(options));
  return app;
}

async function answerTo(
  target: string,
  init: RequestInit & { method?: string } = {},
  options?: ShowRequestOptions,
) {
  const client = new TestClient(await debugging(options));
  return client.request(target, init);
}

async function seen(
  target: string,
  init: RequestInit & { method?: string } = {},
): Promise<Record<string, never>> {
  const headers = { ...(init.headers as Record<string, string> | undefined), Accept: 'application/json' };
  return (await answerTo(target, { ...init, headers })).json<Record<string, never>>();
}

test('the request is shown: what it was sent to, by whom, and its parts', async () => {
  expect(await seen('/a%20b?x=1&y=2&x=3', { headers: { 'X-One': '1', Cookie: 'a=1' } })).toEqual({
    request: {
      method: 'GET',
      url: '/a b?x=1&y=2&x=3',
      'HTTP version': '1.1',
      base: '',
      route: expect.any(String),
      parameters: { rest: 'a b' },
    },
    query: { x: ['1', '3'], y: '2' },
    headers: expect.objectContaining({ 'X-One': '1', Cookie: '[redacted]' }),
    cookies: { a: '[redacted]' },
    client: { address: expect.any(String), scheme: 'http', host: 'localhost' },
    body: {},
  });
});

describe('the body', () => {
  const post = (type: string, body: string): RequestInit & { method: string } => ({
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  });

  test.each([
    [
      'application/json',
      '{"a":[1,{"password":"x"}],"b":null}',
      { json: { a: [1, { password: '[redacted]' }], b: null } },
    ],
    ['application/json', '"text"', { json: 'text' }],
    ['application/x-www-form-urlencoded', 'a=1&a=2&otp=3', { form: { a: ['1', '2'], otp: '[redacted]' } }],
    ['text/plain', 'a\nb token=1', { text: 'a\nb token=[redacted]' }],
    ['application/octet-stream', '\u0000', { bytes: 1 }],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\nabc\r\n--b--\r\n',
      { form: { files: [{ filename: 'x.txt', bytes: 3 }] } },
    ],
  ])('of type %s, %j', async (type, body, shown) => {
    expect((await seen('/', post(type, body)))['body']).toMatchObject({
      type: type.split(';', 1)[0],
      ...shown,
    });
  });

  test('is read where the handler stands alone, too', async () => {
    const client = new TestClient(showRequest({ always: true }));
    const answer = await client.post('/', { json: { a: 1 }, headers: { Accept: 'application/json' } });
    expect(await answer.json()).toMatchObject({ body: { json: { a: 1 } } });
  });

  test('that is malformed or too large is refused as ever', async () => {
    expect((await answerTo('/', post('application/json', '{'))).status).toBe(400);
    expect((await answerTo('/', post('application/json', `"${'a'.repeat(2_000_000)}"`))).status).toBe(413);
  });
});

describe('secrets are nowhere in it', () => {
  const signed = urlSigner({
    keys: [Buffer.from('0123456789abcdefghijklmnopqrstuvwxyzABCDEF')],
    expires: 60,
  }).sign('/a').href;

  test.each<[string, string, RequestInit & { method?: string }]>([
    ['a password', '/', { headers: { Authorization: `Basic ${SECRET}` } }],
    ['a bearer token', '/', { headers: { 'X-Odd': `Bearer ${SECRET}` } }],
    ['any credentials', '/', { headers: { Authorization: SECRET } }],
    ['credentials of another scheme', '/', { headers: { Authorization: `Token ${SECRET}` } }],
    ['credentials of a proxy', '/', { headers: { 'Proxy-Authorization': `Basic ${SECRET}` } }],
    ['a cookie', '/', { headers: { Cookie: `a=${SECRET}` } }],
    ['an API key', '/', { headers: { 'X-API-Key': SECRET } }],
    ['another key', '/', { headers: { 'Api-Key': SECRET } }],
    ['a token of a header', '/', { headers: { 'X-CSRF-Token': SECRET } }],
    ['one of a cloud', '/', { headers: { 'X-Amz-Security-Token': SECRET } }],
    ['a forwarded one', '/', { headers: { 'X-Forwarded-Access-Token': SECRET } }],
    ['a token of the query', `/?access_token=${SECRET}`, {}],
    ['one in other letters', `/?a=1&Access-Token=${SECRET}`, {}],
    ['one with an encoded name', `/?%74oken=${SECRET}`, {}],
    ['a code of OpenID', `/?code=${SECRET}&state=${SECRET}`, {}],
    ['a ticket of CAS', `/?ticket=${SECRET}`, {}],
    ['a signature', signed.replace(/signature=.*/, `signature=${SECRET}`), {}],
    ['a JSON web token', `/?x=eyJhbGciOiJI.eyJzdWIiOiIx.${SECRET}`, {}],
    ['the page before', '/', { headers: { Referer: `https://example.org/reset?token=${SECRET}&a=1` } }],
    ['user information', '/', { headers: { Referer: `https://smith:${SECRET}@example.org/` } }],
    ['the path of another', '/', { headers: { 'X-Original-URL': `/a?password=${SECRET}` } }],
    ['a URL in a parameter', `/?next=${encodeURIComponent(`/a?token=${SECRET}`)}`, {}],
    ['one in that', `/?n=${encodeURIComponent(`/?n=${encodeURIComponent(`/?code=${SECRET}`)}`)}`, {}],
    ['a fragment', '/', { headers: { Referer: `https://example.org/a?b#access_token=${SECRET}` } }],
    ['the second of a list', '/', { headers: { 'X-Odd': `a, Bearer ${SECRET}` } }],
    ['a protocol', '/', { headers: { 'Sec-WebSocket-Protocol': `bearer, ${SECRET}` } }],
    ['JSON in a text', '/', { method: 'POST', json: `{"a":1, "password" : "${SECRET}\\" ${SECRET}"}` }],
    ['JSON in the query', `/?data=${encodeURIComponent(JSON.stringify({ secret: SECRET }))}`, {}],
    ['a line of a text', '/', { headers: { 'X-Odd': `Authorization: Odd ${SECRET}` } }],
    ['the path', `/reset/${SECRET}/smith`, {}],
    ['a segment with a percent sign', `/reset/50%25${SECRET}/smith`, {}],
    ['a field', '/', { method: 'POST', form: { password: SECRET } }],
    ['JSON', '/', { method: 'POST', json: { user: { apiKey: SECRET }, list: [{ client_secret: SECRET }] } }],
    ['an address in JSON', '/', { method: 'POST', json: { db: `postgres://a:${SECRET}@db/` } }],
    ['a name of the author', `/?x-mine=${SECRET}`, { headers: { 'X-Mine': SECRET } }],
  ])('%s', async (_, target, init) => {
    for (const Accept of ['application/json', 'text/html', 'text/plain']) {
      const headers = { ...(init.headers as Record<string, string> | undefined), Accept };
      const answer = await answerTo(target, { ...init, headers }, { secrets: ['X-Mine'] });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, expect.not.stringContaining(SECRET)]);
      expect(text).toContain('[redacted]');
    }
  });

  test.each([
    'pwd user_pwd db_pass passcode login[pass] bearer assertion SAMLResponse code_verifier deviceCode code[] mfaCode',
    'otp_code totp pin_code hmac X-API-KEY-1 privateKeyPem key1 connect.sid cvv pass%20word PASS_PHRASE',
  ])('whatever it is called: %s', async (names) => {
    const query = names.split(' ').map((name) => `${name}=${SECRET}`);
    expect(await (await answerTo(`/?${query.join('&')}`)).text()).not.toContain(SECRET);
  });

  test('not even where a path has several segments of it', async () => {
    const app = await debugging();
    app.routes.add('/by/<token:path>', showRequest());
    const text = await (await new TestClient(app).get(`/by/a%25/${SECRET}/b`)).text();
    expect(text).toContain('url: /by/[redacted]');
    expect(text).not.toContain(SECRET);
  });

  test.each([
    ['/of/:/in', SECRET],
    ['/of/:%20%C3%BC%25/in', `${SECRET} ü%25`],
  ])('not even where a mount has taken it: %s', async (target, shown) => {
    const app = mount('/of/<token>', showRequest({ always: true }));
    const text = await (await new TestClient(app).get(target.replace(':', SECRET))).text();
    expect(text).toContain('  url: /of/[redacted]/in\n');
    expect(text).toContain('  base: /of/[redacted]\n');
    expect(text).not.toContain(shown);
  });

  test.each([
    ['/?author=smith', 'smith'],
    ['/?keyboard=qwertz', 'qwertz'],
    ['/?postcode=12345&compass=north&spin=left', 'compass=north&spin=left'],
    ['/?a=https://example.org:80/b?c:d', 'https://example.org:80/b?c:d'],
    ['/?a=b=c', 'b=c'],
    ['/?token=', 'token='],
  ])('and %s is shown', async (target, text) => {
    expect(await (await answerTo(target)).text()).toContain(text);
  });
});

describe('what is shown is bounded, and only text', () => {
  test('in HTML', async () => {
    const headers = { Accept: 'text/html,*/*;q=0.8', 'X-Odd': '<img src=x>' };
    const page = await (await answerTo('/<b>?<i>=<u>', { headers })).text();
    expect(page).toContain('<h1>The request</h1>');
    expect(page).toContain('&lt;img src=x&gt;');
    expect(page).not.toMatch(/<(?:img|b|i|u)>?\b/);
  });

  test('in plain text, where no value makes a line', async () => {
    const text = await (await answerTo('/?a=%0Aheaders%0A&b=%1b[2J')).text();
    expect(text).toContain('  a: \\nheaders\\n\n');
    expect(text).not.toContain('\u001b');
  });

  test('however long, many and deep it is', async () => {
    const query = Array.from({ length: 500 }, (_, index) => `a${String(index)}=${'x'.repeat(20)}`).join('&');
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object;
    const answer = await answerTo(`/?${query}`, { method: 'POST', json: { deep, long: 'y'.repeat(50_000) } });
    expect((await answer.text()).length).toBeLessThan(12_000);
    const odd = await answerTo('/', {
      method: 'POST',
      json: { jwt: 1, a: 'eyJ-'.repeat(200_000), ['b='.repeat(50_000)]: 1 },
    });
    expect((await odd.text()).length).toBeLessThan(5000);
  });

  test('a name of the prototype is a name', async () => {
    expect((await seen('/?__proto__=1&constructor=2'))['query']).toEqual(
      JSON.parse('{ "__proto__": "1", "constructor": "2" }'),
    );
  });
});

test('docs/debug.md shows where it stands', async () => {
  const [block = ''] = blocksOf('docs/debug.md');
  const { app } = await runBlock(block, { obol, 'obol/debug': debug }, ['app']);
  const client = new TestClient(app as ReturnType<typeof showRequest>);
  expect(await (await client.put('/debug/request')).text()).toContain('method: PUT');
});

describe('the answer', () => {
  test.each([
    ['*/*', 'text/plain; charset=utf-8'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
    ['image/png', 'text/plain; charset=utf-8'],
  ])('to %s is %s, and no cache keeps it', async (accept, type) => {
    const { headers } = await answerTo('/', { headers: { Accept: accept } });
    expect([headers.get('content-type'), headers.get('cache-control'), headers.get('vary')]).toEqual([
      type,
      'no-store',
      'Accept',
    ]);
  });

  test('is 404 outside of debug mode, unless the author wants it', async () => {
    expect((await new TestClient(await debugging({}, false)).get('/')).status).toBe(404);
    expect((await new TestClient(showRequest()).get('/')).status).toBe(404);
    expect((await new TestClient(await debugging({ always: true }, false)).get('/')).status).toBe(200);
  });

  test('has the base of a mount', async () => {
    const client = new TestClient(mount('/debug', showRequest({ always: true })));
    expect(await (await client.get('/debug/x')).text()).toContain('  url: /debug/x\n');
  });

  test('shows who asks, unless that is more than a name', async () => {
    for (const [user, shown] of [
      ['smith', 'user: smith'],
      [{ password: SECRET }, 'user: [redacted]'],
    ] as const) {
      const handler = showRequest({ always: true });
      const client = new TestClient((request) => handler(Object.assign(request, { user })));
      expect(await (await client.get('/')).text()).toContain(shown);
    }
  });
});

test('wrong options are a mistake', () => {
  expect(() => showRequest({ always: 1 } as never)).toThrow(
    developerError('E_SETTING', 'showRequest.always: 1 is not true or false.'),
  );
});

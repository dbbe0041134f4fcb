/** samples/composition as its readers start it. */
import { describe, expect, test } from '@jest/globals';
import { RawClient } from '../../support/raw-client.js';
import { sample } from '../../support/sample.js';

const site = sample('composition');

/** What a browser sends. */
const HTML = ['Accept: text/html'];

async function cookiesOf(path: string): Promise<string[]> {
  const { fields } = await site.ask(`GET ${path}`);
  return fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value.split(';', 1)[0] ?? '');
}

test('the first page leads to the parts of the site', async () => {
  const { text } = await site.ask('GET /', HTML);
  const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, link = '']) => link);
  const statuses = await Promise.all(
    links.map(async (link) => [link, (await site.ask(`GET ${link}`, HTML)).status]),
  );
  expect(Object.fromEntries(statuses)).toEqual({
    '/inner/': 200,
    '/cascade/a': 200,
    '/cascade/b': 200,
    '/by-file/': 200,
    '/links': 200,
    '/include': 200,
    '/nowhere': 404,
    '/fail': 500,
    '/loop': 508,
  });
});

test('a file says what is below a path, and behind which filter', async () => {
  const answer = await site.ask('GET /by-file/request/?token=x', ['Cookie: a=secret']);
  expect(answer.text).toContain('url: /by-file/request/?token=[redacted]');
  expect(answer.text).not.toContain('secret');
  expect(answer.header('x-composed-by')).toBe('by-file.json');
});

test('a signed link is good, and none that was changed', async () => {
  const { text } = await site.ask('GET /links?page=2', HTML);
  expect(text).toMatch(/<a href="http:\/\/[^"]+\/links\?page=3">The next page<\/a>/);
  const [good = '', changed = ''] = [...text.matchAll(/href="(\/links\/signed[^"]*)"/g)].map(
    ([, link = '']) => link.replaceAll('&amp;', '&'),
  );
  expect((await site.ask(`GET ${good}`)).status).toBe(200);
  expect((await site.ask(`GET ${changed}`)).status).toBe(403);
});

describe('the application within', () => {
  const json = (body: string): string[] => [
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];

  test.each([
    ['{"a":1}', 200, '{"echo":{"a":1}}'],
    ['{"abc":123}', 413, 'larger than 10 bytes'],
  ])('answers an echo of %j with %j by its own limit', async (body, status, text) => {
    const answer = await site.ask('POST /inner/echo', json(body), body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
  });

  test('builds URLs as the client sees them', async () => {
    expect((await site.ask('GET /inner/link')).text).toBe('{"link":"/inner/link"}');
  });

  test('has an error page of its own', async () => {
    const { status, text } = await site.ask('GET /inner/nowhere', HTML);
    expect([status, text]).toEqual([404, expect.stringContaining('Inner error')]);
  });

  test('is redirected to with the query', async () => {
    const answer = await site.ask('GET /inner?a=1');
    expect([answer.status, answer.header('location')]).toEqual([308, '/inner/?a=1']);
  });
});

test.each([
  ['/cascade/a', 200, ['first=1']],
  ['/cascade/b', 200, ['second=1']],
  ['/cascade/c', 404, ['second=1']],
])('%s is %j, with the cookie of the one who answers', async (path, status, cookies) => {
  expect([(await site.ask(`GET ${path}`)).status, await cookiesOf(path)]).toEqual([status, cookies]);
});

test('a page brings the cookie of the part that is in it', async () => {
  expect((await site.ask('GET /include')).text).toContain('This is the part.');
  expect(await cookiesOf('/include')).toEqual(['part=1']);
});

test.each([
  ['/nowhere?a=<b>', 404, 'There is no <code>/nowhere?a='],
  ['/fail', 500, 'it is our fault'],
])('%s is %j, with a page of the site', async (path, status, text) => {
  const answer = await site.ask(`GET ${path.replace('<b>', '%3Cb%3E')}`, HTML);
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
});

test.each(['other.test', 'OTHER.test.', 'other.test:1234'])(
  'the host %s has a handler of its own',
  async (host) => {
    const client = await RawClient.connect(site.port);
    const answer = await client.send(`GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`).response();
    client.destroy();
    expect(answer.text).toBe('other\n');
  },
);

/** samples/file-routes as its readers start it, with its own site and with another. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { sample } from '../../support/sample.js';
import { TestFolder } from '../../support/folder.js';

const HTML = ['Accept: text/html'];

describe('its own site', () => {
  const site = sample('file-routes');

  test('has a first page that leads to all others', async () => {
    const { text } = await site.ask('GET /', HTML);
    const links = [...text.matchAll(/(?:href|src)="([^"#:]*)"/g)].map(([, link = '']) => link);
    const statuses = await Promise.all(
      links.map(async (link) => [link, (await site.ask(`GET /${link}`, HTML)).status]),
    );
    expect(Object.fromEntries(statuses)).toEqual({
      'coins.svg': 200,
      about: 200,
      'notes/': 200,
      'notes/1': 200,
      people: 200,
      'people.json': 200,
      guests: 200,
      _middleware: 404,
    });
  });

  test.each([
    ['text/html', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
    ['*/*', 'text/html; charset=utf-8'],
  ])('sends people as %s', async (accept, type) => {
    const { status, fields } = await site.ask('GET /people', [`Accept: ${accept}`]);
    expect([status, new Map(fields).get('content-type')]).toEqual([200, type]);
  });

  test('keeps the names of guests', async () => {
    const body = 'name=%3Cb%3EAda';
    const fields = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`];
    const signed = await site.ask('POST /guests', fields, body);
    expect([signed.status, new Map(signed.fields).get('location')]).toEqual([303, '/guests']);
    expect((await site.ask('GET /guests', HTML)).text).toContain('<li>&lt;b&gt;Ada</li>');
  });

  test('has its middleware around every answer', async () => {
    const { fields } = await site.ask('GET /notes/1');
    expect(new Map(fields).get('server-timing')).toMatch(/^site;dur=/);
  });
});

describe('a site of one’s own', () => {
  const folder = new TestFolder();
  afterAll(() => {
    folder.remove();
  });
  folder.file('index.md', '# Mine\n\n*here*');
  folder.file('[year:int].mjs', 'export default (request, year) => ({ year });');
  const site = sample('file-routes', { SITE: folder.path });

  test('is served in its place', async () => {
    expect((await site.ask('GET /', HTML)).text).toContain('<em>here</em>');
    expect((await site.ask('GET /2026')).text).toBe('{"year":2026}');
    expect((await site.ask('GET /about')).status).toBe(404);
  });
});

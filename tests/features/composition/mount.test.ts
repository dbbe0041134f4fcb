/** Handlers below a part of the path. */
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, makeResponse, redirect, urlFor, type Handler, type Request } from 'obol';
import { mount, type Mount } from 'obol/composition';
import { request, TestClient } from 'obol/testing';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';

/** What the handler below a mount sees. */
const seen: Handler = (asked) =>
  makeResponse({ base: asked.base, path: asked.path, baseUrl: asked.baseUrl, params: { ...asked.params } });

async function ask(mounted: Mount, target: string): Promise<unknown> {
  const response = await new TestClient(mounted).get(target);
  return response.status === 200 ? await response.json() : response.status;
}

describe('what lies below', () => {
  test.each([
    ['/shop', '/shop/', '/shop', '/', '/shop'],
    ['/shop/', '/shop/a', '/shop', '/a', '/shop'],
    ['/shop', '/shop/a/b?q=1', '/shop', '/a/b', '/shop'],
    ['/shop', '/%73hop/a', '/shop', '/a', '/shop'],
    ['/shop', '/shop//a', '/shop', '//a', '/shop'],
    ['/shop', '/shop/a%2Fb', '/shop', '/a%2Fb', '/shop'],
    ['/my files', '/my%20files/a', '/my files', '/a', '/my%20files'],
    ['/50%', '/50%25/a', '/50%25', '/a', '/50%25'],
    ['/ü', '/%C3%BC/a', '/ü', '/a', '/%C3%BC'],
    ['/a/b', '/a/b/c', '/a/b', '/c', '/a/b'],
    ['/', '/a', '', '/a', ''],
  ])('of mount(%j) is %j', async (prefix, target, ...[base, path, baseUrl]) => {
    expect(await ask(mount(prefix, seen), target)).toEqual({ base, path, baseUrl, params: {} });
  });

  test.each([
    ['/<name>', '/smith/a', '/smith', { name: 'smith' }],
    ['/<name>', '/50%25/c', '/50%25', { name: '50%' }],
    ['/shops/<id:int>', '/shops/42/c', '/shops/42', { id: 42 }],
    ['/<a>-<b>', '/x-y/c', '/x-y', { a: 'x', b: 'y' }],
  ])('of mount(%j) is %j, its parameters among params', async (prefix, target, base, params) => {
    expect(await ask(mount(prefix, seen), target)).toMatchObject({ base, params });
  });

  test.each([
    ['/a', '/a%2Fx'],
    ['/a', '/A/x'],
    ['/a', '/ab'],
    ['/a', '/'],
    ['/a/b', '/a/c/b'],
    ['/shops/<id:int>', '/shops/x/c'],
  ])('of mount(%j) is not %j', async (prefix, target) => {
    expect(await ask(mount(prefix, seen), target)).toBe(404);
  });

  test('may be of two mounts, one below the other', async () => {
    const inner = mount('/b c/<y>', seen);
    expect(await ask(mount('/a/<x>', inner), '/a/1/b%20c/2/d')).toEqual({
      base: '/a/1/b c/2',
      path: '/d',
      baseUrl: '/a/1/b%20c/2',
      params: { x: '1', y: '2' },
    });
  });
});

@Controller('/never')
class Never {
  @Get('/') get() {
    return 'never';
  }
}

describe('mounts one below another', () => {
  const nested = (count: number): Handler => {
    let handler: Handler = seen;
    for (let at = 0; at < count; at++) handler = mount('/a', handler);
    return handler;
  };

  test.each([
    [16, 200],
    [17, 508],
    [40, 508],
  ])('%i of them answer %i', async (count, status) => {
    const client = new TestClient(nested(count), { expect: 'any' });
    const ask = client.get(`${'/a'.repeat(count)}/`);
    expect(
      await ask.then(
        (response) => response.status,
        (error: unknown) => (error as { status: number }).status,
      ),
    ).toBe(status);
  });

  test('that have no end are 508', async () => {
    const again: { handle: Handler } = { handle: seen };
    const app = await bootstrap({
      controllers: [Never],
      logger: collectingLogger(),
      middleware: [mount('//*.test', (asked) => again.handle(asked))],
    });
    again.handle = (asked) => app.handle(asked);
    expect((await new TestClient(app, { expect: 'any' }).get('http://a.test/')).status).toBe(508);
  });
});

describe('what lies outside', () => {
  test('goes on to the next handler of a middleware', async () => {
    const next: Handler = (asked) => makeResponse(`next: ${asked.base}${asked.path}`);
    const response = await new TestClient((asked) => mount('/shop', seen)(asked, next)).get('/shopping');
    expect(await response.text()).toBe('next: /shopping');
  });

  test('is 404 where there is none', async () => {
    expect(await ask(mount('/shop', seen), '/')).toBe(404);
  });
});

describe('the prefix itself', () => {
  test.each([
    ['/shop', '/shop', '/shop/'],
    ['/shop', '/shop?a=1&b=%2F', '/shop/?a=1&b=%2F'],
    ['/my files', '/my%20files', '/my%20files/'],
    ['/<name>', '/50%25', '/50%25/'],
  ])('of mount(%j): %j leads to %j', async (prefix, target, location) => {
    const response = await new TestClient(mount(prefix, seen)).post(target);
    expect([response.status, response.headers.get('location')]).toEqual([308, location]);
  });

  test('leads below the mounts above', async () => {
    const inner = mount('/b', seen);
    const response = await new TestClient(mount('/a', inner)).get('/a/b');
    expect(response.headers.get('location')).toBe('/a/b/');
  });
});

describe('mistakes', () => {
  test.each([
    ['shop', 'The path "shop" is not a template: it must start with "/".'],
    ['', 'The path "" is not a template: it must start with "/".'],
    [
      '/a/<rest:path>',
      `The prefix '/a/<rest:path>' has a parameter "rest" that may span several segments, so that nothing is left below it; use a filter of one segment, or put it into a route.`,
    ],
  ])('mount(%j) is E_PATH_TEMPLATE', (prefix, message) => {
    expect(() => mount(prefix, seen)).toThrow(developerError('E_PATH_TEMPLATE', message));
  });

  test.each<[unknown]>([[undefined], [null], ['app'], [{}]])('mount of %j is E_HANDLER', (handler) => {
    expect(() => mount('/a', handler as Handler)).toThrow(
      /^mount\('\/a'\): .* is no handler; give it an application/,
    );
  });
});

describe('an application that is mounted', () => {
  @Controller('/people')
  class PeopleController {
    @Get('/<name>')
    show(req: Request, name: string): Record<string, string> {
      return {
        name,
        within: urlFor(PeopleController, 'show', name),
        whole: urlFor(req, PeopleController, 'show', name),
      };
    }

    @Get('/away')
    away() {
      redirect('/x');
    }
  }

  test('gives URLs as the client sees them with urlFor(req), and those within it without', async () => {
    const shop = await bootstrap({ controllers: [PeopleController] });
    const client = new TestClient(mount('/my shop', shop));
    expect(await (await client.get('/my%20shop/people/a%20b')).json()).toEqual({
      name: 'a b',
      within: '/people/a%20b',
      whole: '/my%20shop/people/a%20b',
    });
  });

  test('redirects where it says', async () => {
    const shop = await bootstrap({ controllers: [PeopleController] });
    const response = await new TestClient(mount('/shop', shop)).get('/shop/people/away');
    expect(response.headers.get('location')).toBe('/x');
  });

  test('leaves the request of its caller as it was', async () => {
    const shop = await bootstrap({ controllers: [PeopleController] });
    const asked = request('/shop/people/smith?a=1');
    const mounted = mount('/shop', shop);
    await mounted(asked);
    expect([asked.base, asked.path, asked.route, { ...asked.params }]).toEqual([
      '',
      '/shop/people/smith',
      undefined,
      {},
    ]);
  });
});

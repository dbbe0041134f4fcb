/** Regular expressions as whole routes, declared by decorators or added while the application runs. */
import { describe, expect, test } from '@jest/globals';
import { AfterResponse, BeforeResponse, Controller, Get, Post, Route, urlFor, type Request } from 'obol';
import { start } from '../support/client.js';
import { developerError } from '../support/errors.js';
import { problemsOf } from '../support/problems.js';

let seen: string[] = [];

@Controller()
class PlainController {
  @Get(/\/archive\/(?<year>\d{4})(?:\/(?<month>\d\d))?/) archive(req: Request, year: string, month?: string) {
    return { year, month: month ?? 'none', params: req.params };
  }
  @Route(/\/(\w)-(\w)/, ['PUT', 'POST']) pair(req: Request, first: string, second: string) {
    return [first, second, Object.keys(req.params).length, req.route?.path];
  }
  @Get('/a-<x>') template(_req: Request, x: string) {
    return `template ${x}`;
  }
  @Get(/\/[ab]-.*/) after() {
    return 'expression';
  }
  @Get('/files/<name>') @Get(/\/files\/(.*)\.txt/) files(_req: Request, name: string) {
    return name;
  }
}

@Controller('/teams/<team:int>')
class TeamController {
  @BeforeResponse() before() {
    seen.push('before');
  }
  @AfterResponse() after() {
    seen.push('after');
  }
  @Get(/.*\/([a-z]+)\d/) member(req: Request, name: string) {
    return { name, params: req.params };
  }
  @Post('/') add() {
    return 'added';
  }
}

async function started() {
  const { app, client } = await start([PlainController, TeamController]);
  seen = [];
  const json = async (path: string, method = 'GET') => (await client.request(path, { method })).json();
  return { app, client, json };
}

describe('a route by a regular expression', () => {
  test('gives its groups in order, and those with a name in req.params', async () => {
    const { json } = await started();
    expect(await json('/archive/2026/01')).toEqual({
      year: '2026',
      month: '01',
      params: { year: '2026', month: '01' },
    });
    expect(await json('/archive/2026')).toEqual({ year: '2026', month: 'none', params: { year: '2026' } });
    expect(await json('/x-y', 'PUT')).toEqual(['x', 'y', 0, '/\\/(\\w)-(\\w)/']);
  });

  test.each([
    ['/archive/20266', 404],
    ['/x/archive/2026', 404],
    ['/archive/2026/', 404],
  ])('must match the whole path: %s is %i', async (path, status) => {
    const { client } = await started();
    expect((await client.get(path)).status).toBe(status);
  });

  test('comes after templates, in the order of declaration', async () => {
    const { client } = await started();
    expect(await (await client.get('/a-1')).text()).toBe('template 1');
    expect(await (await client.get('/b-1')).text()).toBe('expression');
    expect(await (await client.get('/files/a.txt')).text()).toBe('a.txt');
    expect(await (await client.get('/files/a/b.txt')).text()).toBe('a/b');
  });

  test('answers 405, OPTIONS and HEAD as all others do', async () => {
    const { client } = await started();
    const refused = await client.get('/x-y');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, PUT, OPTIONS']);
    const options = await client.request('/archive/2026', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await client.head('/archive/2026')).status).toBe(200);
  });

  test('matches only below the prefix of its controller, whose hooks run', async () => {
    const { client, json } = await started();
    expect(await json('/teams/7/x/ann1')).toEqual({ name: 'ann', params: { team: 7 } });
    expect(seen).toEqual(['before', 'after']);
    expect((await client.get('/teams/seven/x/ann1')).status).toBe(404);
    expect((await client.get('/ann1')).status).toBe(404);
  });

  test('is listed as all others', async () => {
    const { app } = await started();
    expect([...app.routes].find(({ handler }) => handler === 'member')).toMatchObject({
      path: '/.*\\/([a-z]+)\\d/',
      isExpression: true,
      prefix: '/teams/<team:int>',
      parameters: [
        { name: 'team', filter: 'int' },
        { name: '', filter: '' },
      ],
      before: ['TeamController.before'],
    });
    expect(String(app.routes)).toContain('GET       /\\/[ab]-.*/');
  });

  test('can be added, asked for and removed', async () => {
    const { app, client } = await started();
    app.routes.add(/\/(\d+)\+(\d+)/, (_req, a, b) => Number(a) + Number(b), ['GET', 'POST']);
    expect(await (await client.get('/1+2')).text()).toBe('3');
    expect([app.routes.has(/\/(\d+)\+(\d+)/, 'POST'), app.routes.has(/\/(\d+)\+(\d+)/i)]).toEqual([
      true,
      false,
    ]);
    expect(app.routes.has(String(/\/(\d+)\+(\d+)/))).toBe(false);
    app.routes.remove(/\/(\d+)\+(\d+)/);
    expect((await client.get('/1+2')).headers.get('allow')).toBe('POST, OPTIONS');
  });

  test('is refused where it is there already', async () => {
    const { app } = await started();
    expect(() => app.routes.add(/\/[ab]-.*/, () => 1)).toThrow(
      expect.objectContaining({
        code: 'E_ROUTE_DUPLICATE',
        message: expect.stringMatching(
          /^GET "\/\\\/\[ab\]-\.\*\/" is routed already by PlainController\.after \(.+\)\. Remove that route first\.$/,
        ),
      }),
    );
  });

  test('gives no URL, but a template beside it does', () => {
    expect(urlFor(PlainController, 'files', 'a')).toBe('/files/a');
    expect(() => urlFor(PlainController, 'archive', '2026')).toThrow(
      developerError(
        'E_ROUTE_MISSING',
        'PlainController.archive is routed by /\\/archive\\/(?<year>\\d{4})(?:\\/(?<month>\\d\\d))?/ alone, which ' +
          'gives no URL. Route a template to it, too.',
      ),
    );
  });
});

test('bootstrap says of expressions that they match no path', async () => {
  @Controller('/shop')
  class Shop {
    @Get(/\/(\d+)/) relative(_req: Request, id: string) {
      return id;
    }
    @Get(/\/shop\/(\d+)/) whole(_req: Request, id: string) {
      return id;
    }
  }
  const routes = [{ path: /people/, handler: () => 1 }];
  const { logger, client } = await start(Shop, { features: [{ routes }] });
  expect(logger.warnings.join('\n')).toBe(
    '/\\/(\\d+)/ (Shop.relative) matches no path: an expression is held against the whole path, prefix and all, which begins ' +
      'with "/shop" here.\n' +
      '/people/ (handler) matches no path: an expression is held against the whole path, prefix and all, which begins with "/" here.',
  );
  expect(await (await client.get('/shop/7')).text()).toBe('7');
});

describe('bootstrap reports', () => {
  @Controller('/wrong')
  class WrongController {
    @Get(/\/wrong\/(a)/) lacks(_req: Request, a: string, b: string) {
      return a + b;
    }
    @Get(/\/wrong\/b/g) flag() {
      return 1;
    }
    @Get(/\/wrong\/c/) first() {
      return 1;
    }
    @Get(/\/wrong\/c/) second() {
      return 2;
    }
  }

  @Controller()
  class ElsewhereController {
    @Get(/\/wrong\/c/) third() {
      return 3;
    }
    constructor(readonly count: number) {}
  }

  const mistakes = async (controllers: (typeof WrongController | typeof ElsewhereController)[]) =>
    (await problemsOf(controllers)).map(({ code, member, message }) => [code, member, message]);

  const expected = [
    [
      'E_ACTION_PARAMETERS',
      'WrongController.lacks',
      expect.stringContaining('"/\\/wrong\\/(a)/" gives 1 parameters, but the method asks for 2'),
    ],
    ['E_PATH_TEMPLATE', 'WrongController.flag', expect.stringContaining('has the flag "g"')],
    [
      'E_ROUTE_DUPLICATE',
      'WrongController.second',
      expect.stringContaining('GET "/\\/wrong\\/c/" is routed already by WrongController.first'),
    ],
  ];

  test('what is wrong with expressions', async () => {
    expect(await mistakes([WrongController])).toEqual(expect.arrayContaining(expected));
  });

  test('the same where the application cannot be built', async () => {
    const found = await mistakes([WrongController, ElsewhereController]);
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found.filter(([code]) => code === 'E_ROUTE_DUPLICATE')).toHaveLength(1);
  });
});

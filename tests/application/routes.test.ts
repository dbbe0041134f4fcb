/** The routes of a running application. */
import { describe, expect, test } from '@jest/globals';
import { AfterResponse, BeforeResponse, Controller, Get, Post, Route, Use, type Request } from 'obol';
import { start } from '../support/client.js';

@Controller('/people')
class PeopleController {
  @BeforeResponse() before() {
    return undefined;
  }
  @AfterResponse() after() {
    return undefined;
  }
  @Use((request, next) => next(request)) @Route('/<surname:word>/<age:int>', ['GET', 'PUT']) show(
    _req: Request,
    surname: string,
    age: number,
  ) {
    return [surname, age];
  }
  @Post('/<id:int>') create() {
    return 1;
  }
}

@Controller()
class IndexController {
  @Get('/') index() {
    return 'index';
  }
}

describe('app.routes', () => {
  test('lists what is routed, in the order of declaration', async () => {
    const { app } = await start([PeopleController, IndexController]);
    expect([...app.routes].map(({ methods, path, name }) => [methods.join(), path, name])).toEqual([
      ['GET,HEAD,PUT', '/people/<surname:word>/<age:int>', 'PeopleController.show'],
      ['POST', '/people/<id:int>', 'PeopleController.create'],
      ['GET,HEAD', '/', 'IndexController.index'],
    ]);
  });

  test('says everything of a route, as plain data', async () => {
    const { app } = await start(PeopleController);
    expect(JSON.parse(JSON.stringify(app.routes))).toEqual([
      {
        methods: ['GET', 'HEAD', 'PUT'],
        path: '/people/<surname:word>/<age:int>',
        parameters: [
          { name: 'surname', filter: 'word' },
          { name: 'age', filter: 'int' },
        ],
        controller: 'PeopleController',
        handler: 'show',
        name: 'PeopleController.show',
        guards: [],
        before: ['PeopleController.before'],
        after: ['PeopleController.after'],
        middleware: ['anonymous'],
        prefix: '/people',
        isExpression: false,
        scope: 'application',
        place: expect.stringMatching(/routes\.test\.ts:\d+:\d+$/),
        property: 'show',
      },
      expect.objectContaining({ name: 'PeopleController.create' }),
    ]);
  });

  test('prints them as a table', async () => {
    const { app } = await start([PeopleController, IndexController]);
    expect(String(app.routes)).toBe(
      [
        'GET,PUT  /people/<surname:word>/<age:int>  PeopleController.show',
        'POST     /people/<id:int>                  PeopleController.create',
        'GET      /                                 IndexController.index',
      ].join('\n'),
    );
  });

  test('adds a function as a route while the application runs', async () => {
    const { app, client } = await start(IndexController);
    app.routes
      .add('/sum/<a:int>/<b:int>', (_req, a, b) => a + b)
      .add('/echo', (req) => req.json, ['POST', 'QUERY'])
      .add('/<a>/<b>/<c>', function letters(_req, ...all) {
        return all;
      });
    expect(await (await client.get('/sum/1/2')).json()).toBe(3);
    expect(await (await client.post('/echo', { json: [1] })).json()).toEqual([1]);
    expect(await (await client.get('/x/y/z')).json()).toEqual(['x', 'y', 'z']);
    const added = [...app.routes].find(({ path }) => path === '/<a>/<b>/<c>');
    expect(added?.place).toMatch(/routes\.test\.ts:\d+:\d+$/);
    expect(added).toMatchObject({ controller: '', handler: 'letters', name: 'letters' });
  });

  test('adds routes below the hooks of their prefix', async () => {
    const { app } = await start(PeopleController);
    app.routes.add('/people/new', () => 'new').add('/<x>/new', () => 'any');
    const before = [...app.routes].slice(-2).map((route) => route.before);
    expect(before).toEqual([['PeopleController.before'], []]);
  });

  test('knows whether every method of a template is routed', async () => {
    const { app } = await start(PeopleController);
    const { routes } = app;
    const path = '/people/<surname:word>/<age:int>';
    expect([routes.has(path), routes.has(path, ['GET', 'PUT']), routes.has(path, ['GET', 'POST'])]).toEqual([
      true,
      true,
      false,
    ]);
    expect(routes.has('/people/<x:word>/<y:int>')).toBe(false);
  });

  test('removes a route from some of its methods', async () => {
    const { app, client } = await start(PeopleController);
    app.routes.remove('/people/<surname:word>/<age:int>');
    expect((await client.get('/people/smith/42')).headers.get('allow')).toBe('PUT, OPTIONS');
    expect((await client.put('/people/smith/42')).status).toBe(200);
    expect((await client.post('/people/1')).status).toBe(200);
  });

  test('refuses to remove what is not there', async () => {
    const { app } = await start(IndexController);
    expect(() => app.routes.remove('/', ['GET', 'POST'])).toThrow(
      expect.objectContaining({
        code: 'E_ROUTE_MISSING',
        message: 'POST / is not routed, so it cannot be removed.',
      }),
    );
    expect(app.routes.has('/')).toBe(true);
  });

  test.each([
    ['/', 'GET', 'E_ROUTE_DUPLICATE', 'GET "/" is routed already by IndexController.index ('],
    ['/x', 'PSOT', 'E_METHOD', '"PSOT" is no method.'],
    ['x', 'GET', 'E_PATH_TEMPLATE', 'The path "x" is not a template: it must start with "/".'],
    ['/<x:itn>', 'GET', 'E_ROUTE_FILTER', 'Did you mean "int"?'],
    [5 as never, 'GET', 'E_PATH_TEMPLATE', 'The path 5 is neither a text such as "/people" nor a regular'],
  ])('refuses to add %s %s: %s', async (path: string, method, code, message) => {
    const { app } = await start(IndexController);
    const call = () => app.routes.add(path, () => 1, method as 'GET');
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test('refuses a handler that is no function', async () => {
    const { app } = await start(IndexController);
    expect(() => app.routes.add('/x', 'handler' as never)).toThrow(
      expect.objectContaining({
        code: 'E_HANDLER',
        message: 'The handler of "/x" must be a function, not \'handler\'.',
      }),
    );
  });

  test('adds nothing at all when one of the methods is taken by another template', async () => {
    const { app } = await start(PeopleController);
    expect(() => app.routes.add('/people/<other:int>', () => 1, ['GET', 'POST'])).toThrow(
      'POST "/people/<other:int>" matches the same paths as "/people/<id:int>", routed already by PeopleController.create (',
    );
    expect(app.routes.has('/people/<other:int>', 'GET')).toBe(false);
    expect(app.routes.has('/people/<id:int>', 'POST')).toBe(true);
  });
});

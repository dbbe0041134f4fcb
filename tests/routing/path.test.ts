/** Paths as values. */
import { inspect } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import {
  Controller,
  Get,
  HttpState,
  makeResponse,
  path,
  Post,
  Response,
  urlFor,
  type Path,
  type Request,
} from 'obol';
import { mount } from 'obol/composition';
import { TestClient } from 'obol/testing';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { developerError } from '../support/errors.js';
import type { Class } from '../../src/metadata/class.js';
import { problemsOf } from '../support/problems.js';

const teams = path('/teams');
const team = teams.path('/<team:int>');
const member = team.path('/<name:word>');

@Controller(team)
class MembersController {
  @Get(team) all(req: Request, id: number) {
    return [id, urlFor(req, member, id, 'smith'), urlFor(req, MembersController, 'show', id, 'smith')];
  }
  @Get(member) show(req: Request, id: number, name: string) {
    return [id, name, req.params];
  }
  @Get('/relative/<id:int>') relative(_req: Request, id: number) {
    return id;
  }
  @Post(member) shorter(_req: Request, id: number) {
    return id;
  }
  @HttpState(404) missing() {
    return 'no such member';
  }
}

async function json(client: TestClient, target: string): Promise<unknown> {
  return (await client.get(target)).json();
}

describe('path()', () => {
  test.each<[Path, string]>([
    [teams, '/teams'],
    [member, '/teams/<team:int>/<name:word>'],
    [path('/').path('/'), '/'],
    [path('/').path('/a'), '/a'],
    [path('/a/').path('/b'), '/a/b'],
    [path('/a').path('b'), '/a/b'],
    [path('/a').path('/'), '/a'],
    [path('/a').path(''), '/a'],
    [path('/a').path('/b/'), '/a/b/'],
  ])('%s is %j', (value, template) => {
    expect(value.template).toBe(template);
    expect(String(value)).toBe(template);
  });

  test.each([[''], ['people'], ['<id>'], [undefined], [7], [/\/a/]])('refuses %p', (given) => {
    expect(() => path(given as string)).toThrow(
      developerError(
        'E_PATH_TEMPLATE',
        `path(${inspect(given)}): a path is a text that starts with "/", such as path('/people').`,
      ),
    );
  });
});

describe('url()', () => {
  test.each([
    [teams.url(), '/teams'],
    [member.url(7, 'smith'), '/teams/7/smith'],
    [member.url(-1, 'größe'), '/teams/-1/gr%C3%B6%C3%9Fe'],
    [path('/files/<rest:path>').url('a b/c?d'), '/files/a%20b/c%3Fd'],
    [path('/<x>-<y>/50%').url('a/b'.slice(0, 1), '%'), '/a-%25/50%25'],
    [urlFor(member, 7, 'smith'), '/teams/7/smith'],
  ])('gives %s', (url, expected) => {
    expect(url).toBe(expected);
  });

  test.each([
    [[7], 'the parameter <name:word> is missing'],
    [['7', 'smith'], '"7" does not fit <team:int>'],
    [[7, 'a/b'], '"a/b" does not fit <name:word>'],
  ])('refuses %j', (values, why) => {
    const message = `No URL can be built for "/teams/<team:int>/<name:word>": ${why}.`;
    expect(() => member.url(...(values as [number, string]))).toThrow(
      developerError('E_URL_PARAMETER', message),
    );
  });

  test('is written with the filters of the application that reads it, or what it was made of', async () => {
    const days = path('/days');
    const day = days.path(computed('/<day:day>'));
    expect(() => day.url(new Date(0))).toThrow('The path "/days/<day:day>" uses an unknown filter "day"');
    @Controller(days)
    class DaysController {
      @Get('/') index() {
        return 'days';
      }
    }
    const format = (value: Date) => value.toISOString().slice(0, 10);
    const convert = (text: string) => new Date(text);
    await start(DaysController, { filters: { day: { pattern: /\d{4}-\d\d-\d\d/, convert, format } } });
    expect(day.url(new Date(0))).toBe('/days/1970-01-01');
    expect(day.path('/edit').url(new Date(0))).toBe('/days/1970-01-01/edit');
    mount(days, () => new Response());
    expect(day.url(new Date(0))).toBe('/days/1970-01-01');
  });
});

describe('in a controller', () => {
  test('a path value is absolute and gives all its parameters, a text is relative and gives its own', async () => {
    const { client } = await start(MembersController);
    expect(await json(client, '/teams/7/smith')).toEqual([7, 'smith', { team: 7, name: 'smith' }]);
    expect(await json(client, '/teams/7/relative/8')).toBe(8);
    expect(await (await client.request('/teams/7/smith', { method: 'POST' })).json()).toBe(7);
    expect(await (await client.get('/teams/7/a/b/c')).text()).toBe('no such member');
    expect((await client.get('/teams/x/smith')).status).toBe(404);
  });

  test('links have the base of the application, where they are made with a request', async () => {
    const { app, client } = await start(MembersController);
    const outer = new TestClient(mount('/staff', app));
    expect(await json(client, '/teams/7')).toEqual([7, '/teams/7/smith', '/teams/7/smith']);
    expect(await json(outer, '/staff/teams/7')).toEqual([7, '/staff/teams/7/smith', '/staff/teams/7/smith']);
  });

  test('a path value needs no prefix', async () => {
    @Controller()
    class AnywhereController {
      @Get(member) show(_req: Request, id: number, name: string) {
        return [id, name];
      }
    }
    const { client, app } = await start(AnywhereController);
    expect(await json(client, '/teams/7/smith')).toEqual([7, 'smith']);
    expect([...app.routes].map((route) => [route.path, route.prefix])).toEqual([[member.template, '']]);
  });

  @Controller('/staff')
  class ElsewhereController {
    @Get(member) show(_req: Request, _id: number) {
      return null;
    }
  }
  @Controller('/team')
  class PartOfASegmentController {
    @Get(teams) index() {
      return null;
    }
  }
  @Controller(member)
  class AboveController {
    @Get(team) index() {
      return null;
    }
  }
  @Controller('/teams/<team:word>')
  class OtherFilterController {
    @Get(member) show(_req: Request, _id: number) {
      return null;
    }
  }
  abstract class Base {
    @Get(member) show(_req: Request, _id: number) {
      return null;
    }
  }
  @Controller('/inherited')
  class InheritingController extends Base {}

  test.each<[Class, string, string, string]>([
    [ElsewhereController, '/staff', 'show', member.template],
    [PartOfASegmentController, '/team', 'index', '/teams'],
    [AboveController, member.template, 'index', team.template],
    [OtherFilterController, '/teams/<team:word>', 'show', member.template],
    [InheritingController, '/inherited', 'show', member.template],
  ])(
    '%p is refused: the path value does not lie below its prefix %j',
    async (controller, prefix, method, template) => {
      const [problem, ...more] = await problemsOf([controller]);
      expect(more).toEqual([]);
      expect(problem).toMatchObject({
        code: 'E_PATH_PREFIX',
        member: `${controller.name}.${method}`,
        place: expect.stringMatching(/path\.test\.ts:\d+:\d+$/),
        message: expect.stringMatching(
          /, the prefix of \w+ \(.*path\.test\.ts:\d+:\d+\)\. A path value is absolute: make it/,
        ),
      });
      expect(problem?.message).toContain(`The path value "${template}" does not lie below "${prefix}"`);
    },
  );
});

test.each([[{}], [7], [null]])('@Controller(%j) is refused', async (prefix) => {
  @Controller(prefix as unknown as string)
  class WrongController {
    @Get('/') index() {
      return null;
    }
  }
  expect(await problemsOf([WrongController])).toEqual([
    expect.objectContaining({
      code: 'E_PATH_TEMPLATE',
      message: `The path ${inspect(prefix)} is neither a text such as "/people" nor a path value.`,
    }),
  ]);
});

describe('a path value', () => {
  test('is a route of a plain function, with all its parameters', async () => {
    const { app, client } = await start(MembersController);
    const page = member.path('/<page:int>');
    app.routes.add(page, (_req, id, name, number) => [id, name.length, number + 1]);
    expect(await json(client, page.url(7, 'smith', 1))).toEqual([7, 5, 2]);
    expect([app.routes.has(page), app.routes.has(page.template), app.routes.has(page, 'POST')]).toEqual([
      true,
      true,
      false,
    ]);
    app.routes.remove(page);
    expect(app.routes.has(page)).toBe(false);
  });

  test('is the prefix of hooks and handlers', async () => {
    const { app, client } = await start(MembersController);
    const nothing = path('/nothing');
    app.table.states.add(404, () => 'nothing here', { prefix: nothing });
    expect(await (await client.get('/nothing/at/all')).text()).toBe('nothing here');
    expect(app.table.states.has(404, { prefix: '/nothing' })).toBe(true);
    const hook = () => undefined;
    app.table.before.add(hook, { prefix: nothing });
    expect([...app.table.before].map(({ prefix }) => prefix)).toEqual(['/nothing']);
  });

  test.each<[Path, string, unknown]>([
    [teams, '/teams/a', { base: '/teams', path: '/a', params: {} }],
    [team, '/teams/7/a', { base: '/teams/7', path: '/a', params: { team: 7 } }],
    [path('/'), '/a', { base: '', path: '/a', params: {} }],
    [path('/teams/'), '/teams/a', { base: '/teams', path: '/a', params: {} }],
  ])('%s is where a handler is mounted', async (prefix, target, expected) => {
    const mounted = mount(prefix, ({ base, path: rest, params }) =>
      makeResponse({ base, path: rest, params }),
    );
    expect(await json(new TestClient(mounted), target)).toEqual(expected);
  });

  test('of another copy of Obol is one, too', async () => {
    jest.resetModules();
    const other = (await import('../../src/routing/path.js')) as { path: typeof path };
    expect(other.path).not.toBe(path);
    const foreign = other.path('/foreign/<id:int>');
    @Controller(foreign)
    class ForeignController {
      @Get(foreign) show(req: Request, id: number) {
        return urlFor(req, foreign, id);
      }
    }
    const { client } = await start(ForeignController);
    expect(await (await client.get('/foreign/7')).text()).toBe('/foreign/7');
  });
});

/** Reverse URLs. */
import { describe, expect, test } from '@jest/globals';
import { Controller, Get, urlFor, type Request } from 'obol';
import { computed } from '../support/computed.js';
import { start } from '../support/client.js';

@Controller('/people')
class PeopleController {
  @Get('/') index() {
    return 'index';
  }
  @Get('/<surname:word>/<age:int>') show(_req: Request, surname: string, age: number) {
    return [surname, age];
  }
  @Get('/files/<rest:path>') files(_req: Request, rest: string) {
    return rest;
  }
  @Get('/page') @Get('/page/<n:int>') page(_req: Request, n = 1) {
    return n;
  }
  helper(_req: Request) {
    return null;
  }
}

@Controller('/staff')
class StaffController extends PeopleController {}

describe('urlFor', () => {
  test.each([
    [urlFor(PeopleController, 'index'), '/people'],
    [urlFor(PeopleController, 'show', 'smith', 42), '/people/smith/42'],
    [urlFor(PeopleController, 'show', 'größe', -1), '/people/gr%C3%B6%C3%9Fe/-1'],
    [urlFor(PeopleController, 'files', 'a b/c?d'), '/people/files/a%20b/c%3Fd'],
    [urlFor(StaffController, 'show', 'smith', 42), '/staff/smith/42'],
  ])('gives %s', (url, expected) => {
    expect(url).toBe(expected);
  });

  test('takes the route that has as many parameters', () => {
    expect(urlFor(PeopleController, 'page')).toBe('/people/page');
    expect(urlFor(PeopleController, 'page', 2)).toBe('/people/page/2');
  });

  test('gives a path that leads back to the method', async () => {
    const { client } = await start(PeopleController);
    expect(await (await client.get(urlFor(PeopleController, 'show', 'smith', 42))).json()).toEqual([
      'smith',
      42,
    ]);
  });

  test('names the method that comes near when it has no route', () => {
    expect(() => urlFor(PeopleController, 'helper')).toThrow(
      expect.objectContaining({
        code: 'E_ROUTE_MISSING',
        message: 'PeopleController.helper has no @Route, so it has no URL.',
      }),
    );
    expect(() => urlFor(PeopleController, 'shwo' as 'show', 'a', 1)).toThrow(
      'PeopleController.shwo has no @Route, so it has no URL. Did you mean "show"?',
    );
  });

  test.each([
    [
      ['smith'],
      'No URL can be built for "/people/<surname:word>/<age:int>": the parameter <age:int> is missing.',
    ],
    [
      ['smith', 1.5],
      'No URL can be built for "/people/<surname:word>/<age:int>": 1.5 does not fit <age:int>.',
    ],
    [
      ['a/b', 1],
      'No URL can be built for "/people/<surname:word>/<age:int>": "a/b" does not fit <surname:word>.',
    ],
  ])('refuses %j', (values, message) => {
    const call = () => urlFor(PeopleController, 'show', ...(values as [string, number]));
    expect(call).toThrow(expect.objectContaining({ code: 'E_URL_PARAMETER', message }));
  });

  test('knows the filters of the application that was bootstrapped last', async () => {
    @Controller('/days')
    class DaysController {
      @Get(computed('/<day:day>')) day(_req: Request, day: Date) {
        return day;
      }
    }
    expect(() => urlFor(DaysController, 'day', new Date(0))).toThrow('unknown filter "day"');
    const format = (day: Date) => day.toISOString().slice(0, 10);
    await start(DaysController, {
      filters: { day: { pattern: /\d{4}-\d\d-\d\d/, convert: (text: string) => new Date(text), format } },
    });
    expect(urlFor(DaysController, 'day', new Date(0))).toBe('/days/1970-01-01');
  });
});

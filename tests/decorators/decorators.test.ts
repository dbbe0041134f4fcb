/** Decorators record plain data, and nothing else. */
import { describe, expect, test } from '@jest/globals';
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Default,
  Delete,
  ErrorHandler,
  Get,
  HttpState,
  METHOD_ALL,
  METHOD_GET_POST,
  Patch,
  Post,
  Put,
  Route,
  Use,
  type Middleware,
} from 'obol';
import { developerError } from '../support/errors.js';
import { memberRecords, ownClassRecords } from '../../src/metadata/records.js';

const layer: Middleware = (request, next) => next(request);
const Level = createGuard('Level', (_setup, _least: number) => () => undefined);

@Level(1)
@Use(layer)
@Controller('/all')
class All {
  @Route('/r') route() {
    return 1;
  }
  @Route('/m', METHOD_GET_POST) methods() {
    return 1;
  }
  @Get('/g') get() {
    return 1;
  }
  @Post('/p') post() {
    return 1;
  }
  @Put('/u') put() {
    return 1;
  }
  @Patch('/a') patch() {
    return 1;
  }
  @Delete('/d') delete() {
    return 1;
  }
  @HttpState(404) state() {
    return 1;
  }
  @ErrorHandler(RangeError, 'GET') error() {
    return 1;
  }
  @BeforeResponse() before() {
    return 1;
  }
  @AfterResponse() after() {
    return 1;
  }
  @Default() default() {
    return 1;
  }
  @Use(layer, layer) used() {
    return 1;
  }
  @Level(2) guarded() {
    return 1;
  }
}

const records = memberRecords(All);

describe('a decorator', () => {
  test.each([
    ['route', { key: 'obol.route', value: { path: '/r', methods: 'GET' } }],
    ['methods', { key: 'obol.route', value: { path: '/m', methods: ['GET', 'HEAD', 'POST'] } }],
    ['get', { key: 'obol.route', value: { path: '/g', methods: 'GET' } }],
    ['post', { key: 'obol.route', value: { path: '/p', methods: 'POST' } }],
    ['put', { key: 'obol.route', value: { path: '/u', methods: 'PUT' } }],
    ['patch', { key: 'obol.route', value: { path: '/a', methods: 'PATCH' } }],
    ['delete', { key: 'obol.route', value: { path: '/d', methods: 'DELETE' } }],
    ['state', { key: 'obol.state', value: { status: 404, methods: METHOD_ALL } }],
    ['error', { key: 'obol.error', value: { errorClass: RangeError, methods: 'GET' } }],
    ['before', { key: 'obol.before', value: true }],
    ['after', { key: 'obol.after', value: true }],
    ['default', { key: 'obol.default', value: { methods: 'GET' } }],
    ['used', { key: 'obol.use', value: [layer, layer] }],
    ['guarded', { key: 'obol.guard', value: expect.objectContaining({ name: 'Level' }) }],
  ])('of the method %s records its role and its place', (property, role) => {
    const own = records.filter((record) => record.property === property);
    expect(own).toEqual([expect.objectContaining({ ...role, property, isStatic: false })]);
    expect(String(own[0]?.place)).toMatch(/decorators\.test\.ts:\d+:\d+$/);
  });

  test('of a class records its role and its place', () => {
    expect(ownClassRecords(All)).toEqual([
      expect.objectContaining({ key: 'obol.guard', value: expect.objectContaining({ name: 'Level' }) }),
      expect.objectContaining({ key: 'obol.use', value: [layer] }),
      expect.objectContaining({ key: 'obol.controller', value: { prefix: '/all' } }),
    ]);
    for (const { place } of ownClassRecords(All))
      expect(String(place)).toMatch(/decorators\.test\.ts:\d+:\d+$/);
  });

  test('leaves the method as it is', () => {
    expect(new All().get()).toBe(1);
    expect(Object.getOwnPropertyNames(All.prototype)).toContain('get');
  });
});

describe('a decorator without parentheses, which only a loader that checks no types lets through', () => {
  const bare = (decorator: unknown): MethodDecorator => decorator as MethodDecorator;
  const symbol = Symbol('secret');

  test.each<[string, () => unknown, string]>([
    [
      'a guard of a method',
      () => {
        class Pages {
          @bare(Level) secret() {
            return 1;
          }
        }
        return Pages;
      },
      '@Level on Pages.secret stands without parentheses; write @Level(...).',
    ],
    [
      'a guard of a method with a symbol for a name',
      () => {
        class Pages {
          @bare(Level) [symbol]() {
            return 1;
          }
        }
        return Pages;
      },
      '@Level on Pages.Symbol(secret) stands without parentheses; write @Level(...).',
    ],
    [
      'a guard of a static method',
      () => {
        class Pages {
          @bare(Level) static secret() {
            return 1;
          }
        }
        return Pages;
      },
      '@Level on Pages.secret stands without parentheses; write @Level(...).',
    ],
    [
      'middleware',
      () => {
        class Pages {
          @bare(Use) secret() {
            return 1;
          }
        }
        return Pages;
      },
      '@Use on Pages.secret stands without parentheses; write @Use(...).',
    ],
  ])('%s is a mistake', (_what, define, message) => {
    expect(define).toThrow(developerError('E_DECORATOR', message));
  });

  test('a route is a mistake', () => {
    const define = () => {
      class Pages {
        @bare(Get) index() {
          return 1;
        }
      }
      return Pages;
    };
    expect(define).toThrow(/^A route has no path; write it as in @Get\('\/people'\) \(.+\)\.$/);
  });
});

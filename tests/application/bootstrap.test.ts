/** Every mistake that bootstrap finds, with its code, its member, its place and its cure. */
import { describe, expect, test } from '@jest/globals';
import { inject, injectable, Lifecycle, scoped, singleton } from 'tsyringe';
import {
  BeforeResponse,
  ConfigurationError,
  Controller,
  createGuard,
  ErrorHandler,
  Get,
  HttpState,
  ObolError,
  Post,
  Request,
  Route,
  Use,
  type BootstrapOptions,
  Data,
  Form,
  Json,
} from 'obol';
import { csrf } from 'obol/csrf';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { failureOf, problemsOf } from '../support/problems.js';

const HERE = /bootstrap\.test\.ts:\d+:\d+$/;

@Controller()
class FilterMistake {
  @Get(computed('/<age:itn>')) show() {
    return 1;
  }
}

@Controller()
class TemplateMistake {
  @Get('people') noSlash() {
    return 1;
  }
  @Get('/<a>/<a>') twice() {
    return 1;
  }
}

@Controller()
class DuplicateMistake {
  @Get('/x/<a>') first() {
    return 1;
  }
  @Get('/x/<b>') second() {
    return 2;
  }
  @Route('/y', ['GET', 'POST']) third() {
    return 3;
  }
  @Post('/y') fourth() {
    return 4;
  }
}

interface Store {
  find(): string;
}

@Controller()
class DependencyMistakes {
  constructor(
    readonly store: Store,
    readonly port: number,
    @inject('config') readonly config: object,
    @inject('optional', { isOptional: true }) readonly optional: object | undefined,
  ) {}
}

@singleton()
class KeepsRequest {
  constructor(readonly request: Request) {}
}

@Controller()
class ScopeMistake {
  constructor(readonly keeps: KeepsRequest) {}
}

class Hen {
  constructor(readonly egg: unknown) {}
}
class Egg {
  constructor(readonly hen: unknown) {}
}
Reflect.defineMetadata('design:paramtypes', [Egg], Hen);
Reflect.defineMetadata('design:paramtypes', [Hen], Egg);

@Controller()
class CycleMistake {
  constructor(readonly hen: Hen) {}
}

class Bare {
  constructor(readonly name: string) {}
}

@Controller()
class MetadataMistake {
  constructor(readonly bare: Bare) {}
}

@Controller()
class LoadingMistake {
  constructor(readonly later: object) {}
}
Reflect.defineMetadata('design:paramtypes', [undefined], LoadingMistake);

class NotDecorated {}
class OnlyInherits extends FilterMistake {}

@Controller('people/<x:nope>')
class PrefixMistake {
  @Get(computed('/<y:wrod>')) show() {
    return 1;
  }
}

@Controller('/<rest:path>')
class SpanningPrefixMistake {
  @Get('/x') x() {
    return 1;
  }
}

@Controller()
class MethodMistake {
  @Route('/', 'PSOT' as 'POST') post() {
    return 1;
  }
}

@Controller()
class StatusMistake {
  @HttpState(42) state() {
    return 1;
  }
}

@Controller()
class ErrorClassMistake {
  @ErrorHandler('RangeError' as unknown as typeof Error) text() {
    return 1;
  }
  @ErrorHandler((() => 1) as unknown as typeof Error) arrow() {
    return 1;
  }
}

@Controller()
class StaticMistake {
  @BeforeResponse() static hook() {
    return 1;
  }
  @Use(() => undefined as never) static used() {
    return 1;
  }
}

@Controller()
class ParametersMistake {
  @Get(computed('/<a>')) two(_req: Request, a: string, b: string) {
    return a + b;
  }
}

@Controller()
class MiddlewareMistake {
  @Use('layer' as never) @Get('/') index() {
    return 1;
  }
  @Use(undefined as never) @Get('/other') other() {
    return 1;
  }
}

@Controller()
class BodyMistake {
  @Form({ filesize: 1 } as never) @Post('/') form() {
    return 1;
  }
  @Json({ limit: 0 }) @Data('1kb' as never) @Post('/other') other() {
    return 1;
  }
}

const Refuses = createGuard('Refuses', (setup) => {
  setup.resolve('nothing');
  return () => undefined;
});

const Picky = createGuard('Picky', () => {
  throw new ObolError('E_SETTING', 'picky');
});

@Controller()
class GuardMistake {
  @Refuses() @Get('/') index() {
    return 1;
  }
  @Picky() @Get('/picky') picky() {
    return 1;
  }
}

@singleton()
class Fails {
  constructor() {
    throw new Error('no database');
  }
}

@Controller()
class ConstructorMistake {
  constructor(readonly fails: Fails) {}
}

@Controller()
class Fine {
  @Get('/') index() {
    return 'fine';
  }
}

describe('bootstrap reports', () => {
  test.each<[string, BootstrapOptions['controllers'], [string, string | undefined, string][]]>([
    ['an unknown filter', [FilterMistake], [['E_ROUTE_FILTER', 'FilterMistake.show', 'Did you mean "int"?']]],
    [
      'a template that cannot be read',
      [TemplateMistake],
      [
        [
          'E_PATH_TEMPLATE',
          'TemplateMistake.noSlash',
          'The path "people" is not a template: it must start with "/".',
        ],
        [
          'E_PATH_TEMPLATE',
          'TemplateMistake.twice',
          'The path "/<a>/<a>" is not a template: the parameter "a" stands there twice.',
        ],
      ],
    ],
    [
      'a path and method routed twice',
      [DuplicateMistake],
      [
        [
          'E_ROUTE_DUPLICATE',
          'DuplicateMistake.second',
          'GET "/x/<b>" matches the same paths as "/x/<a>", routed already by DuplicateMistake.first (',
        ],
        [
          'E_ROUTE_DUPLICATE',
          'DuplicateMistake.fourth',
          'POST "/y" is routed already by DuplicateMistake.third (',
        ],
      ],
    ],
    [
      'constructor parameters that cannot be injected',
      [DependencyMistakes],
      [
        [
          'E_DEPENDENCY',
          'DependencyMistakes',
          'Parameter 1 of the constructor of DependencyMistakes is an interface, a plain object or a class that comes by `import type`, which says nothing about what to inject. Import the class without `type`, or name it in the list: @Controller(path, TOKEN), or with @Inject(TOKEN).',
        ],
        [
          'E_DEPENDENCY',
          'DependencyMistakes',
          'Parameter 2 of the constructor of DependencyMistakes is of type Number, which says nothing about what to inject. Name it in the list: @Controller(path, TOKEN), or with @Inject(TOKEN).',
        ],
        [
          'E_DEPENDENCY',
          'DependencyMistakes',
          'Parameter 3 of the constructor of DependencyMistakes asks for "config", which is not provided. Pass providers: [{ provide: ..., useValue: ... }] to bootstrap, or register it in the container.',
        ],
      ],
    ],
    [
      'a dependency whose module is still loading',
      [LoadingMistake],
      [
        [
          'E_DEPENDENCY',
          'LoadingMistake',
          'Parameter 1 of the constructor of LoadingMistake has no type at run time: its module is still loading because of a circular import. Name it in the list: @Controller(path, lazy(() => X)), and import the type of the parameter with `import type`.',
        ],
      ],
    ],
    [
      'a singleton that keeps a request',
      [ScopeMistake],
      [
        [
          'E_DEPENDENCY_SCOPE',
          'ScopeMistake',
          'The singleton KeepsRequest takes an object that exists once per request, so it would keep that of the first request for ever. Provide it with requestProviders, make it @injectable() or @scoped(Lifecycle.ContainerScoped) in place of @singleton(), or pass the object to its methods.',
        ],
      ],
    ],
    [
      'constructors in a circle',
      [CycleMistake],
      [
        [
          'E_DEPENDENCY_CYCLE',
          'CycleMistake',
          'The constructors go in a circle: Hen -> Egg -> Hen. Inject one of them with lazy(() => X), or with delay().',
        ],
      ],
    ],
    [
      'missing metadata, and why',
      [MetadataMistake],
      [
        [
          'E_METADATA',
          'MetadataMistake',
          'Bare has constructor parameters but no metadata about them. List what it takes: @Injectable(A, B), or give bootstrap an object: providers: [{ provide: Bare, useValue: ... }]. Or turn on experimentalDecorators and emitDecoratorMetadata, and have Jest transform with ts-jest or @swc/jest (legacyDecorator, decoratorMetadata).',
        ],
      ],
    ],
    [
      'what is no controller',
      [NotDecorated, OnlyInherits, 5 as never, (() => 1) as never],
      [
        [
          'E_CONTROLLER',
          undefined,
          'NotDecorated is not decorated with @Controller(). Decorate the class itself; a decorated base does not count.',
        ],
        ['E_CONTROLLER', undefined, 'OnlyInherits is not decorated with @Controller().'],
        ['E_CONTROLLER', undefined, '5 is no controller; list classes decorated with @Controller().'],
        [
          'E_CONTROLLER',
          undefined,
          '[Function (anonymous)] is no controller; list classes decorated with @Controller().',
        ],
      ],
    ],
    ['no controllers', [], [['E_CONTROLLER_EMPTY', undefined, 'bootstrap was given no controllers.']]],
    [
      'a glob that matches none',
      'nowhere/*.js',
      [
        [
          'E_CONTROLLER_EMPTY',
          undefined,
          'No module that matches "nowhere/*.js" exports a class decorated with @Controller(). Name compiled modules; a relative glob starts at ',
        ],
      ],
    ],
    [
      'a prefix that cannot be read, once, and the mistakes of its routes',
      [PrefixMistake],
      [
        [
          'E_PATH_TEMPLATE',
          'PrefixMistake',
          'The path "people/<x:nope>" is not a template: it must start with "/".',
        ],
        ['E_ROUTE_FILTER', 'PrefixMistake.show', 'Did you mean "word"?'],
      ],
    ],
    [
      'a prefix that spans segments',
      [SpanningPrefixMistake],
      [
        [
          'E_PATH_TEMPLATE',
          'SpanningPrefixMistake',
          'The prefix \'/<rest:path>\' has a parameter "rest" that may span several segments, so that nothing is left below it',
        ],
      ],
    ],
    [
      'an unknown method',
      [MethodMistake],
      [
        [
          'E_METHOD',
          'MethodMistake.post',
          '"PSOT" is no method. Known methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, QUERY. Did you mean "POST"?',
        ],
      ],
    ],
    [
      'a status no response has',
      [StatusMistake],
      [['E_STATUS', 'StatusMistake.state', '@HttpState(42): use a status from 200 to 599.']],
    ],
    [
      'what is no error class',
      [ErrorClassMistake],
      [
        [
          'E_ERROR_CLASS',
          'ErrorClassMistake.text',
          "@ErrorHandler takes a class of errors, not 'RangeError'.",
        ],
        [
          'E_ERROR_CLASS',
          'ErrorClassMistake.arrow',
          '@ErrorHandler takes a class of errors, not [Function (anonymous)].',
        ],
      ],
    ],
    [
      'decorators on static members',
      [StaticMistake],
      [
        [
          'E_HOOK_STATIC',
          'StaticMistake.hook',
          'StaticMistake.hook is static; only methods of objects can be handlers. Take the word static away.',
        ],
        [
          'E_HOOK_STATIC',
          'StaticMistake.used',
          'StaticMistake.used is static; only methods of objects can be handlers. Take the word static away.',
        ],
      ],
    ],
    [
      'a method that asks for too much',
      [ParametersMistake],
      [
        [
          'E_ACTION_PARAMETERS',
          'ParametersMistake.two',
          '"/<a>" gives 1 parameters, but the method asks for 2 besides the request. Add them to the path, or give them default values: a question mark (name?) does not show at run time.',
        ],
      ],
    ],
    [
      'what is no middleware',
      [MiddlewareMistake],
      [
        [
          'E_MIDDLEWARE',
          'MiddlewareMistake.index',
          "@Use takes functions (request, next) => response, not 'layer'.",
        ],
        [
          'E_MIDDLEWARE',
          'MiddlewareMistake.other',
          '@Use takes functions (request, next) => response, not undefined.',
        ],
      ],
    ],
    [
      'limits of bodies that cannot be',
      [BodyMistake],
      [
        [
          'E_SETTING',
          'BodyMistake.form',
          '@Form.filesize: there is no such option. Did you mean "fileSize"?',
        ],
        ['E_SETTING', 'BodyMistake.other', '@Json.limit: 0 is not a whole number of bytes, 1 or more.'],
      ],
    ],
    [
      'guards that cannot be put together',
      [GuardMistake],
      [
        [
          'E_DEPENDENCY',
          'GuardMistake.index',
          'The guard @Refuses could not be put together: "nothing" is not provided.',
        ],
        ['E_SETTING', 'GuardMistake.picky', 'The guard @Picky could not be put together: picky'],
      ],
    ],
    [
      'a singleton whose constructor throws',
      [ConstructorMistake],
      [
        ['E_DEPENDENCY', undefined, 'Fails could not be built: no database'],
        ['E_DEPENDENCY', undefined, 'ConstructorMistake could not be built: '],
      ],
    ],
  ])('%s', async (_, controllers, expected) => {
    const problems = await problemsOf(controllers);
    expect(problems.map(({ code, member }) => [code, member])).toEqual(
      expected.map(([code, member]) => [code, member]),
    );
    for (const [index, [, member, message]] of expected.entries()) {
      expect(problems[index]?.message).toContain(message);
      if (member !== undefined) expect(problems[index]?.place).toMatch(HERE);
    }
  });

  test.each<[string, Omit<BootstrapOptions, 'controllers'>, string, string]>([
    [
      'a filter with a bad name',
      { filters: { 'a b': { pattern: 'x' } } },
      'E_FILTER',
      '"a b" cannot name a path filter.',
    ],
    [
      'a filter with a bad pattern',
      { filters: { a: { pattern: '(' } } },
      'E_FILTER',
      'the pattern of the path filter "a"',
    ],
    [
      'a filter without a pattern',
      { filters: { a: { pattern: 3 as never, converts: Number } as never } },
      'E_SETTING',
      'filters.a.pattern: 3 is not a regular expression or the source of one.\nfilters.a.converts: there is no such option. ' +
        'Did you mean "convert"?',
    ],
    [
      'a filter that is none',
      { filters: { a: null as never } },
      'E_SETTING',
      'filters.a: null holds no options; give an object, such as { pattern: ... }.',
    ],
    [
      'filters that are none',
      { filters: 'int' as never },
      'E_SETTING',
      'filters: "int" is not an object of path filters by name.',
    ],
    [
      'a provider that is none',
      { providers: [null as never] },
      'E_SETTING',
      'providers[0]: null is not a provider { provide: Token, useValue: value }.',
    ],
    [
      'providers that are no list',
      { providers: 3 as never },
      'E_SETTING',
      'providers: 3 is not a list of providers.',
    ],
    [
      'features that are no list',
      { features: 'sessions' as never },
      'E_SETTING',
      'features: "sessions" is not a list of features.',
    ],
    [
      'a name that is no option',
      { autojson: false } as never,
      'E_SETTING',
      'autojson: there is no such option. Did you mean "autoJson"?',
    ],
    [
      'text where it takes true or false',
      { poweredBy: 'false' as never },
      'E_SETTING',
      'poweredBy: "false" is not true or false.',
    ],
    [
      'a wrong proxy',
      { trustProxy: ['nonsense'] },
      'E_SETTING',
      'trustProxy[0]: "nonsense" is not an address',
    ],
    [
      'a wrong limit',
      { json: { limit: -1 } },
      'E_SETTING',
      'json.limit: -1 is not a whole number of bytes, 1 or more.',
    ],
    [
      'a wrong media type',
      { jsonMimeTypes: ['json'] },
      'E_SETTING',
      'jsonMimeTypes[0]: "json" is not a media type such as "application/json".',
    ],
    [
      'a wrong logger',
      { logger: {} as never },
      'E_SETTING',
      'logger: it has no method error(); give a logger, such as console.',
    ],
    [
      'wrong middleware',
      { middleware: [null as never] },
      'E_SETTING',
      'middleware[0]: null is not a function (request, next) => response.',
    ],
    [
      'middleware in place of a feature',
      { features: [csrf() as never] },
      'E_SETTING',
      'features[0]: a function is not a feature, as sessions({ ... }) gives one. What wraps requests belongs to middleware: [...].',
    ],
    [
      'nothing in place of a feature',
      { features: [undefined as never] },
      'E_SETTING',
      'features[0]: undefined is not a feature, as sessions({ ... }) gives one.',
    ],
    [
      'a promise of a feature',
      { features: [Promise.resolve({}) as never] },
      'E_SETTING',
      'features[0]: [object Promise] is not a feature, as sessions({ ... }) gives one. Write await before it.',
    ],
    [
      'a wrong header name',
      { securityHeaders: { every: { 'X A': '1' } } },
      'E_SETTING',
      'securityHeaders.every: "X A" is no header name',
    ],
    [
      'a wrong header value',
      { securityHeaders: { document: { 'X-A': 'a\r\nb' } } },
      'E_SETTING',
      'securityHeaders.document: The header X-A cannot be "a\\r\\nb"',
    ],
  ])('the setting of %s', async (_, options, code, message) => {
    const [problem, ...others] = await problemsOf([Fine], options);
    expect([problem?.code, others]).toEqual([code, []]);
    expect(problem?.message).toContain(message);
  });

  test('everything at once, numbered, with member, place and cure', async () => {
    const failure = await failureOf([FilterMistake, DuplicateMistake, ScopeMistake], {
      json: { depth: 0.5 },
    });
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect([failure.code, failure.name]).toEqual(['E_BOOTSTRAP', 'ConfigurationError']);
    const lines = failure.message.split('\n');
    expect(lines[0]).toBe('The application has 5 mistakes:');
    expect(lines[1]).toBe('  1. E_SETTING');
    expect(lines[2]).toBe('     json.depth: 0.5 is not a whole number of levels, 1 or more.');
    expect(lines[3]).toMatch(
      /^ {2}2\. E_ROUTE_FILTER FilterMistake\.show \(.*bootstrap\.test\.ts:\d+:\d+\)$/,
    );
    expect(failure.problems.map(({ code }) => code)).toEqual([
      'E_SETTING',
      'E_ROUTE_FILTER',
      'E_ROUTE_DUPLICATE',
      'E_ROUTE_DUPLICATE',
      'E_DEPENDENCY_SCOPE',
    ]);
  });

  test('one mistake as one', async () => {
    expect((await failureOf([])).message).toMatch(/^The application has 1 mistake:\n/);
  });

  test('a duplicate with both places', async () => {
    const [problem] = await problemsOf([DuplicateMistake]);
    expect(problem?.message).toMatch(
      /DuplicateMistake\.first \(.*bootstrap\.test\.ts:\d+:\d+\)\. Change one of the two/,
    );
  });

  test('duplicates even of controllers that cannot be built', async () => {
    @Controller()
    class Both {
      constructor(readonly count: number) {}
      @Get('/') one() {
        return 1;
      }
      @Get('/') two() {
        return 2;
      }
    }
    expect((await problemsOf([Both])).map(({ code }) => code)).toEqual(['E_ROUTE_DUPLICATE', 'E_DEPENDENCY']);
  });
});

describe('bootstrap warns', () => {
  test('of routes whose order decides, with a URL that both match', async () => {
    @Controller()
    class Overlapping {
      @Get('/<a:re:[a-z]+>') first() {
        return 1;
      }
      @Get('/<b:re:[a-c]+>') second() {
        return 2;
      }
    }
    const { logger } = await start(Overlapping);
    expect(logger.warnings).toEqual([
      expect.stringMatching(
        /^GET \/a\S* matches "\/<a:re:\[a-z\]\+>" \(Overlapping\.first\) and "\/<b:re:\[a-c\]\+>" \(Overlapping\.second\); the first takes it because it was declared first\.$/,
      ),
    ]);
  });
});

describe('an application that does not come to be', () => {
  test('disposes what was built for it', async () => {
    const ended: string[] = [];
    @singleton()
    class Opened {
      dispose() {
        ended.push('opened');
      }
    }
    @Controller()
    class AlmostController {
      constructor(
        readonly opened: Opened,
        readonly fails: Fails,
      ) {}
    }
    await problemsOf([AlmostController]);
    expect(ended).toEqual(['opened']);
  });

  test('keeps what goes wrong with that as the cause', async () => {
    @singleton()
    class Stubborn {
      dispose() {
        throw new Error('stubborn');
      }
    }
    @Controller()
    class StubbornController {
      constructor(
        readonly opened: Stubborn,
        readonly fails: Fails,
      ) {}
    }
    expect((await failureOf([StubbornController])).cause).toEqual(new Error('stubborn'));
  });
});

test('what goes wrong in a filter besides is not hidden', async () => {
  const filters = { get bad(): never { throw new TypeError('a getter'); } }; // prettier-ignore
  await expect(failureOf([Fine], { filters })).rejects.toThrow('a getter');
});

test('classes need no decorator when nothing is injected into them, and scoped ones are per request', async () => {
  class Plain {
    readonly name = 'plain';
  }
  @scoped(Lifecycle.ContainerScoped)
  class PerRequest {}
  @injectable()
  class Service {
    constructor(
      readonly plain: Plain,
      readonly each: PerRequest,
    ) {}
  }
  @Controller()
  class ServiceController {
    constructor(readonly service: Service) {}
    @Get('/') index() {
      return this.service.plain;
    }
  }
  const { app, client } = await start(ServiceController, { logger: collectingLogger() });
  expect(await (await client.get('/')).json()).toEqual({ name: 'plain' });
  expect([...app.routes][0]?.scope).toBe('request');
});

/** Module trees: what can be reached, by which name, and what cannot. */
import { describe, expect, test } from '@jest/globals';
import * as obol from 'obol';
import { bootstrap, Get, Controller, Injectable, Request, type ObolError, type Feature } from 'obol';
import * as obolModules from 'obol/modules';
import { Expose, modules, WebModule, type ModuleClass, type ModuleContext } from 'obol/modules';
import { TestClient } from 'obol/testing';
import { run, type Protocol } from '../../support/compile.js';
import { guardedBy } from './guarded.js';

@Injectable()
class Greeter {
  readonly word: string = 'Hello';
}

/** Something that a module has imported, as the first programs of this kind gave to everyone. */
const json = { loads: (context: unknown) => context };

/** Something that is there for the compiler alone. */
interface Interface {
  readonly member: string;
}

abstract class Base {
  readonly json = json;
  @Expose() inherited() {
    return 'inherited';
  }
  @Expose() overridden() {
    return 'base';
  }
  unmarked() {
    return 'unmarked';
  }
}

@WebModule('hello')
class Hello extends Base {
  constructor(readonly greeter: Greeter) {
    super();
  }
  @Expose() hello({ user, filename }: ModuleContext) {
    return `${this.greeter.word} ${user.name} ! ${JSON.stringify(filename)}`;
  }
  @Expose('POST') only() {
    return 'posted';
  }
  @Expose(['PUT', 'DELETE']) several() {
    return 'several';
  }
  override overridden() {
    return 'derived';
  }
  helper() {
    return 'helper';
  }
  _private() {
    return 'private';
  }
  page_404() {
    return 'nothing';
  }
}

@WebModule('Test')
class Inner {
  @Expose() test({ filename }: ModuleContext) {
    return { filename };
  }
}

@WebModule('Tests', { children: [Inner] })
class Tests {
  @Expose() test() {
    return 'of Tests';
  }
}

@WebModule('Example', { children: [Tests] })
class Example {}

async function clientOf(tree: readonly ModuleClass[], more: readonly Feature[] = []): Promise<TestClient> {
  const app = await bootstrap({ controllers: [Home], features: [...more, modules({ modules: tree })] });
  return new TestClient(app, { expect: 'any' });
}

@Controller()
class Home {
  @Get('/') home() {
    return 'home';
  }
}

const all = clientOf([Hello, Example]);

test.each([
  ['/hello/hello/', 'Hello Not Authenticated ! ""'],
  ['/hello/hello/abc', 'Hello Not Authenticated ! "abc"'],
  ['/hello/hello/a.b-c_d', 'Hello Not Authenticated ! "a.b-c_d"'],
  ['/hello/hello/%C3%A4%20b', 'Hello Not Authenticated ! "ä b"'],
  ['/hello/hello/100%25', 'Hello Not Authenticated ! "100%"'],
  [`/hello/hello/${'%C3%A4'.repeat(255)}`, `Hello Not Authenticated ! "${'ä'.repeat(255)}"`],
  ['/hello/hello/?x=1', 'Hello Not Authenticated ! ""'],
  ['/hello/hello/constructor', 'Hello Not Authenticated ! "constructor"'],
  ['/hello/inherited/', 'inherited'],
  ['/hello/overridden/', 'derived'],
  ['/Example/Tests/Test/test/', '{"filename":""}'],
  ['/Example/Tests/Test/test/abc', '{"filename":"abc"}'],
  ['/Example/Tests/test/abc', 'of Tests'],
])('GET %s answers %s', async (path, text) => {
  const response = await (await all).get(path);
  expect([response.status, await response.text()]).toEqual([200, text]);
});

describe('what is not marked', () => {
  test.each([
    ['a method', '/hello/helper/'],
    ['an inherited method', '/hello/unmarked/'],
    ['a private one', '/hello/_private/'],
    ['a page of an error', '/hello/page_404/'],
    ['the constructor', '/hello/constructor/'],
    ['the prototype', '/hello/prototype/'],
    ['what every object inherits', '/hello/toString/'],
    ['what every object inherits, through __proto__', '/hello/__proto__/toString/'],
    ['a dependency', '/hello/greeter/'],
    ['what a module has imported', '/hello/json/loads/x'],
    ['a module that is none', '/json/loads/x'],
    ['__proto__ as a module', '/__proto__/hello/'],
    ['constructor as a module', '/constructor/hello/'],
    ['a module by the name of its class', '/Hello/hello/'],
    ['a child without its parents', '/Tests/test/'],
    ['a method of a parent below its child', '/Example/Tests/Test/inherited/'],
    ['a package', '/Example/'],
    ['a path without the slash', '/hello/hello'],
    ['more segments than a name of a file', '/hello/hello/abc/'],
    ['an encoded slash in the name of a file', '/hello/hello/a%2Fb'],
    ['a backslash in the name of a file', '/hello/hello/a%5Cb'],
    ['what is longer than a name of a file', `/hello/hello/${'x'.repeat(256)}`],
    ['another case', '/hello/Hello/'],
    ['an encoded dot segment', '/hello/hello/%2e%2e%2fhello'],
  ])('%s is not found: %s', async (_, path) => {
    const { status } = await (await all).get(path);
    expect(status).toBe(404);
  });

  test('does not become reachable when an object changes', async () => {
    const app = await bootstrap({ controllers: [Home], features: [modules({ modules: [Hello] })] });
    Object.assign(app.resolve(Hello), { added: () => 'added' });
    const { status } = await new TestClient(app, { expect: 'any' }).get('/hello/added/');
    expect(status).toBe(404);
  });
});

describe('other methods', () => {
  test.each([
    ['PUT', '/hello/hello/', 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', '/hello/hello/abc', 'GET, HEAD, POST, OPTIONS'],
    ['GET', '/hello/only/', 'POST, OPTIONS'],
    ['HEAD', '/hello/only/', 'POST, OPTIONS'],
    ['POST', '/hello/several/', 'PUT, DELETE, OPTIONS'],
    ['PATCH', '/Example/Tests/Test/test/', 'GET, HEAD, POST, OPTIONS'],
  ])('%s %s is 405 with Allow: %s', async (method, path, allow) => {
    const response = await (await all).request(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  test('HEAD comes with GET, and OPTIONS with all', async () => {
    const client = await all;
    const head = await client.request('/hello/hello/', { method: 'HEAD' });
    const options = await client.request('/hello/only/', { method: 'OPTIONS' });
    expect([head.status, await head.text(), options.status, options.headers.get('allow')]).toEqual([
      200,
      '',
      204,
      'POST, OPTIONS',
    ]);
  });
});

test('modules stand in the table with their classes', async () => {
  const app = await bootstrap({ controllers: [Home], features: [modules({ modules: [Hello, Example] })] });
  const route = [...app.routes].find(({ name }) => name === 'Inner.test');
  expect(route).toMatchObject({
    controller: 'Inner',
    handler: 'test',
    path: '/Example/Tests/Test/test/<filename:re:[^/\\\\]{0,255}>',
    prefix: '/Example/Tests/Test',
    methods: ['GET', 'HEAD', 'POST'],
    target: Inner,
    property: 'test',
    guards: ['Admission'],
  });
  expect(route?.place).toMatch(/modules\.test\.ts:\d+:\d+$/);
});

test('a module is a plain class for its tests', () => {
  const { user, filename } = { user: { name: 'Ann' }, filename: 'x' };
  const context = { user, filename } as ModuleContext;
  expect(new Hello(new Greeter()).hello(context)).toBe('Hello Ann ! "x"');
});

test('one class may stand in several places, as one object', async () => {
  @WebModule('Shared')
  class Shared {
    #count = 0;
    @Expose() count() {
      return (this.#count += 1);
    }
  }
  @WebModule('One', { children: [Shared] })
  class One {}
  @WebModule('Two', { children: [Shared] })
  class Two {}
  const client = await clientOf([One, Two]);
  const counts = [await client.get('/One/Shared/count/'), await client.get('/Two/Shared/count/')];
  expect(await Promise.all(counts.map((each) => each.text()))).toEqual(['1', '2']);
});

test.each<Protocol>(['legacy', 'standard'])(
  'decorators of the %s protocol say the same',
  async (protocol) => {
    const source = `
    import { Injectable } from 'obol';
    import { Expose, WebModule } from 'obol/modules';
    class Word { text = 'word'; }
    @WebModule('child') class Child { @Expose() run({ filename }) { return filename; } }
    class Base { @Expose(['GET', 'PUT']) inherited() { return 'inherited'; } }
    @Injectable(Word)
    @WebModule('parent', { children: [Child] })
    export class Parent extends Base {
      constructor(word) { super(); this.word = word; }
      @Expose() listed() { return this.word.text; }
      hidden() { return 'hidden'; }
      page_404() { return 'none'; }
    }`;
    const { Parent } = run(source, protocol, { obol, 'obol/modules': obolModules }) as {
      Parent: ModuleClass;
    };
    const client = await clientOf([Parent]);
    const texts = ['/parent/listed/', '/parent/inherited/', '/parent/child/run/x', '/parent/hidden/'].map(
      async (path) => (await client.get(path)).text(),
    );
    expect(await Promise.all(texts)).toEqual(['word', 'inherited', 'x', 'none']);
  },
);

test('a dependency may be known by emitted metadata, by a list, or not at all, which is reported', async () => {
  @WebModule('needy')
  class Needy {
    constructor(readonly missing: Interface) {}
    @Expose() run() {
      return this.missing;
    }
  }
  const features = [modules({ modules: [Needy] })];
  await expect(bootstrap({ controllers: [Home], features })).rejects.toMatchObject({
    problems: [{ code: 'E_DEPENDENCY', member: 'Needy' }],
  });
});

test('a module may take what exists once per request', async () => {
  @WebModule('per-request')
  class OfRequest {
    constructor(readonly asked: Request) {}
    @Expose() run() {
      return this.asked.path;
    }
  }
  const client = await clientOf([OfRequest]);
  expect(await (await client.get('/per-request/run/x')).text()).toBe('/per-request/run/x');
});

test('what else stands on a module counts below it', async () => {
  const log: string[] = [];
  @WebModule('wrapped')
  @guardedBy(log, 'class')
  class Wrapped {
    @Expose()
    @guardedBy(log, 'method')
    run() {
      return log.join();
    }
    @Get('/plain/<id:int>') plain(_: unknown, id: number) {
      return id;
    }
  }
  const client = await clientOf([Wrapped]);
  expect(await (await client.get('/wrapped/run/')).text()).toBe('class,method');
  expect(await (await client.get('/wrapped/plain/7')).text()).toBe('7');
});

describe('is refused', () => {
  /** The text of a mistake. */
  function mistakeOf(...tree: unknown[]): string {
    try {
      modules({ modules: tree as ModuleClass[] });
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_MODULE' });
      return (error as ObolError).message;
    }
    return 'none';
  }

  const named = (name: string): ModuleClass => {
    @WebModule(name)
    class Named {}
    return Named;
  };

  test.each([
    '',
    '_hello',
    '__proto__',
    'constructor',
    'prototype',
    'a/b',
    '<a>',
    '.hidden',
    '..',
    'a b',
    'a%2Fb',
    'a?b',
  ])('a module called %j', (name) => {
    expect(mistakeOf(named(name))).toMatch(/is no name that can be reached; take letters/);
  });

  test('exposed methods with names that cannot be reached, all at once', () => {
    @WebModule('bad')
    class Bad {
      @Expose() _private() {
        return '';
      }
      @Expose() __proto() {
        return '';
      }
      @Expose() prototype() {
        return '';
      }
      @Expose() page_404() {
        return '';
      }
      @Expose() static fixed() {
        return '';
      }
      page_200() {
        return '';
      }
      static page_500() {
        return '';
      }
    }
    const lines = mistakeOf(Bad).split('\n');
    expect(lines.map((line) => line.replace(/ \(.*?\)/, '').slice(0, 45))).toEqual([
      "Bad._private cannot be exposed: '_private' is",
      "Bad.__proto cannot be exposed: '__proto' is n",
      "Bad.prototype cannot be exposed: 'prototype' ",
      'Bad.page_404 cannot be exposed: pages of erro',
      'Bad.fixed cannot be exposed: it is static; ta',
      'Bad.page_500 is no page, since it is static; ',
      'Bad.page_200 is the page of no error status; ',
    ]);
  });

  test.each<[string, (target: object) => void]>([
    ['a getter', (target) => Object.defineProperty(target, 'run', { get: () => () => 'got' })],
    ['a value', (target) => Object.defineProperty(target, 'run', { value: 'text' })],
  ])('%s in place of an exposed method', (_, replace) => {
    class Base {
      @Expose() run() {
        return 'run';
      }
    }
    @WebModule('below')
    class Below extends Base {}
    replace(Below.prototype);
    expect(mistakeOf(Below)).toMatch(
      /^Below\.run cannot be exposed \(.+\): what stands in its place is no method; write it as one, or give it another name\.$/,
    );
  });

  test('a field in place of an exposed method, when there is an object', async () => {
    class Base {
      @Expose() run(): string {
        return 'run';
      }
    }
    @WebModule('below')
    class Below extends Base {
      constructor() {
        super();
        Object.defineProperty(this, 'run', { value: () => 'secret' });
      }
    }
    await expect(
      bootstrap({ controllers: [Home], features: [modules({ modules: [Below] })] }),
    ).rejects.toThrow('Below.run is a field in place of a method that can be reached.');
  });

  test.each<[what: string, value: unknown, message: string]>([
    [
      'a class without the decorator',
      class Plain {},
      'The module Plain cannot be mounted: it is not decorated',
    ],
    ['a base that has it', class Derived extends Hello {}, 'it is not decorated with @WebModule'],
    ['an imported function', json.loads, 'The module loads cannot be mounted: it is not decorated'],
    ['an object', json, 'cannot be mounted: it is not decorated'],
    ['nothing', undefined, 'The module undefined cannot be mounted'],
  ])('%s', (_, value, message) => {
    expect(mistakeOf(value)).toContain(message);
  });

  test('a name that is taken by another module, or by a method', () => {
    @WebModule('same', { children: [named('run')] })
    class Same {
      @Expose() run() {
        return '';
      }
    }
    expect(mistakeOf(Same, named('same')).split('\n')).toEqual([
      `The module Named below "/same" cannot be mounted: the name 'run' is taken there, by a module or a method; give it another.`,
      `The module Named cannot be mounted: the name 'same' is taken there, by a module or a method; give it another.`,
    ]);
  });

  test('a module below itself', () => {
    const children: ModuleClass[] = [];
    @WebModule('loop', { children })
    class Loop {}
    children.push(Loop);
    expect(mistakeOf(Loop)).toBe(
      'The module Loop below "/loop" cannot be mounted: it stands below itself; take it from the children there.',
    );
  });

  test('a decorator without parentheses', () => {
    const bare = [Expose, WebModule] as unknown as ((target: unknown) => unknown)[];
    for (const decorate of bare)
      expect(() => decorate(class {})).toThrow(expect.objectContaining({ code: 'E_DECORATOR' }));
  });

  test.each([
    [
      'of a module',
      () => WebModule('x', { pages: 'all' as 'below' }),
      'WebModule.pages: "all" is not "everywhere" or "below"',
    ],
    [
      'of a module that there is not',
      () => WebModule('x', { child: [] } as object),
      'WebModule.child: there is no such',
    ],
    [
      'of a method',
      () => Expose('GET', { arguments: 'no' as never }),
      'Expose.arguments: "no" is not true or false',
    ],
  ])('a wrong option %s', (_, decorate, message) => {
    expect(decorate).toThrow(
      expect.objectContaining({ code: 'E_SETTING', message: expect.stringContaining(message) }),
    );
  });

  test('a wrong option', () => {
    const options = {
      modules: 1,
      acceptUnknownUser: 'yes',
      origins: ['tools.example.com'],
      server: { secret: 'x', log: { password: 'x' } },
    };
    for (const name of ['modules', 'acceptUnknownUser', 'server.secret', 'server.log.password'])
      expect(() => modules(options as never)).toThrow(`modules.${name}: `);
  });
});

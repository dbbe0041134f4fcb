/** Classes that extend others: abstract, generic, mixed in, overridden. */
import { Controller, Get, path, type Request } from 'obol';
import { Key, Summary } from './decorators.ts';
import { CLOCK, Greeter, Store } from './services.ts';

export const people = path('/people');
export const person = people.path('/<surname:word>/<age:int>');

abstract class Named<T> {
  protected abstract readonly kind: T;

  @Get('/kind')
  @Summary('what it is')
  showKind() {
    return { kind: this.kind };
  }

  @Get('/overridden')
  overridden(): unknown {
    return 'base';
  }

  @Get('/both')
  abstractInPart(): unknown {
    return this.part();
  }

  protected abstract part(): string;
}

@Controller(people, Store, CLOCK, Greeter)
@Summary('people')
export class PeopleController extends Named<'person'> {
  protected readonly kind = 'person';
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #greeter: Greeter;

  constructor(store: Store, clock: () => number, greeter: Greeter) {
    super();
    this.#store = store;
    this.#clock = clock;
    this.#greeter = greeter;
  }

  @Get(person)
  show(_req: Request, surname: string, age: number) {
    return { surname, age, next: person.url(surname, age + 1) };
  }

  @Get('/visits')
  async visits() {
    return { ...this.#store.visit(), now: this.#clock() };
  }

  @Get('/greet/<name>')
  @Key('open')
  greet(_req: Request, name: string) {
    return this.#greeter.greet(name);
  }

  override overridden() {
    return 'subclass';
  }

  protected part() {
    return 'part';
  }
}

@Controller('/base', Greeter)
class GreetingController {
  readonly #greeter: Greeter;

  constructor(greeter: Greeter) {
    this.#greeter = greeter;
  }

  @Get('/<name>')
  greet(_req: Request, name: string) {
    return this.#greeter.greet(name);
  }
}

/** Inherits the constructor, and with it the list. */
@Controller('/heirs')
export class HeirsController extends GreetingController {}

// oxlint-disable-next-line typescript/no-explicit-any -- what TypeScript asks of mixins
type Constructor = new (...args: any[]) => object;

function counted<B extends Constructor>(Base: B) {
  class Counted extends Base {
    visits = 0;

    @Get('/count')
    count() {
      return { count: ++this.visits };
    }
  }
  return Counted;
}

/** With a name: Deno 2.9 cannot decorate a class that extends what a call gives. */
const Counting = counted(class {});

@Controller('/mixed')
export class MixedController extends Counting {
  @Get('/own')
  *own() {
    yield 'a';
    yield 'b';
  }
}

/** What stands before parameters and fits them: this file compiles with legacy decorators alone. */
import { Controller, Inject, Injectable, lazy, Token } from 'obol';
import { delay, type InjectionToken } from 'tsyringe';

class Clock {
  readonly zone = 'UTC';
  now(): number {
    return 0;
  }
}

class Watch extends Clock {
  readonly owner = 'ann';
}

abstract class Store {
  abstract find(name: string): string;
}

class Repository<T> {
  readonly all: T[] = [];
  add(one: T): void {
    this.all.push(one);
  }
}

const LIMIT = new Token<number>('limit');
const NOW = new Token<() => number>('now');
const ANYTHING = new Token<{ readonly a: 1 } | undefined>('anything');
declare const FOREIGN: InjectionToken<Clock>;
const SYMBOL = Symbol('symbol');

@Controller('/all')
export class All {
  constructor(
    @Inject(Store) readonly store: Store,
    @Inject(Clock) readonly clock: Pick<Clock, 'now'>,
    @Inject(Watch) readonly watch: Clock,
    readonly emitted: Clock,
    @Inject(LIMIT) private readonly limit: number,
    @Inject(NOW) protected now: () => number | string,
    @Inject(ANYTHING) anything?: { readonly a: number },
  ) {
    void [this.limit, anything];
  }
}

export class WithDefaults {
  constructor(
    @Inject(LIMIT) readonly limit = 5,
    @Inject(Token.optional(Clock)) readonly clock?: Clock,
    @Inject(Token.optional(NOW)) readonly now: (() => number) | undefined = undefined,
  ) {}
}

export class OfTsyringe {
  constructor(
    @Inject(FOREIGN) readonly foreign: Clock,
    @Inject('text') readonly text: string,
    @Inject(SYMBOL) readonly symbol: () => void,
    @Inject<Clock>('clock') readonly typed: Clock,
    @Inject(delay(() => Clock)) readonly delayed: Clock,
    @Inject(LIMIT.symbol) readonly limit: number,
  ) {}
}

export class Many {
  readonly limits: number[];
  constructor(
    @Inject(Token.all(Clock)) readonly clocks: readonly Clock[],
    @Inject(Token.optional(Token.all(LIMIT))) readonly optional: number[] | undefined,
    @Inject(LIMIT) ...limits: number[]
  ) {
    this.limits = limits;
  }
}

export class OfGenerics<T> {
  readonly more: T[] = [];
  constructor(
    @Inject(Repository) readonly names: Repository<string>,
    @Inject(Repository<number>) readonly numbers: Repository<number>,
    @Inject(Token.optional(Repository<string>)) readonly optional?: Repository<string>,
  ) {}
}

@Injectable()
export class Hen {
  constructor(@Inject(lazy(() => Egg)) readonly egg: Egg) {}
}

export class Egg {
  constructor(
    @Inject(lazy(() => Hen)) readonly hen: Hen,
    @Inject(Hen) readonly other: Hen,
  ) {}
}

export abstract class Base {
  constructor(@Inject(Store) readonly store: Store) {}
  abstract find(): string;
}

export class Hidden {
  private constructor(@Inject(LIMIT) readonly limit: number) {}
  static readonly only = new Hidden(5);
}

export class Overloaded {
  constructor(store: Store);
  constructor(clock: Clock);
  constructor(@Inject(Clock) readonly either: Store | Clock) {}
}

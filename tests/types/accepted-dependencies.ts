/** Lists of dependencies that fit: this file compiles in both protocols. */
import { Controller, Injectable, lazy, Token } from 'obol';

class Clock {
  readonly zone = 'UTC';
  now(): number {
    return 0;
  }
}

abstract class Store {
  abstract find(name: string): string;
}

const LIMIT = new Token<number>('limit');
const NOW = new Token<() => number>('now');

@Controller()
export class Nothing {}

@Controller('/none')
export class Emitted {
  constructor(readonly store: Store) {}
}

@Controller('/all', Store, Clock, LIMIT, NOW)
export class InOrder {
  constructor(
    readonly store: Store,
    readonly clock: Pick<Clock, 'now'>,
    readonly limit: number,
    readonly now: () => number,
  ) {}
}

@Injectable(Store, LIMIT)
export class Optional {
  constructor(
    readonly store: Store,
    readonly limit = 5,
    readonly clock?: Clock,
  ) {}
}

@Injectable({ scope: 'transient' }, Token.optional(Clock), Token.all(Store), Token.optional(Token.all(LIMIT)))
export class Special {
  constructor(
    readonly clock: Clock | undefined,
    readonly stores: readonly Store[],
    readonly limits: number[] | undefined,
  ) {}
}

@Injectable(Clock, LIMIT, LIMIT)
export class Rest {
  readonly limits: number[];
  constructor(
    readonly clock: Clock,
    ...limits: number[]
  ) {
    this.limits = limits;
  }
}

@Injectable(Clock)
export class Overloaded {
  constructor(store: Store);
  constructor(clock: Clock);
  constructor(readonly either: Store | Clock) {}
}

class Repository<T> {
  readonly all: T[] = [];
  add(one: T): void {
    this.all.push(one);
  }
}

@Injectable(Repository, Repository<number>, Token.optional(Clock), Token.optional(Repository<string>))
export class OfGenerics {
  constructor(
    readonly names: Repository<string>,
    readonly numbers: Repository<number>,
    readonly clock?: Clock,
    readonly more?: Repository<string>,
  ) {}
}

@Injectable(lazy(() => Egg))
export class Hen {
  constructor(readonly egg: Egg) {}
}

@Injectable(lazy(() => Hen), NOW)
export class Egg {
  constructor(
    readonly hen: Hen,
    readonly now: () => number,
  ) {}
}

@Injectable(Store)
export abstract class Base {
  constructor(readonly store: Store) {}
  abstract find(): string;
}

@Injectable()
export class Inherits extends Base {
  find(): string {
    return this.store.find('x');
  }
}

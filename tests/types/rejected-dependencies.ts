/** Lists of dependencies that do not fit: the compiler must refuse each marked line, with those words. */
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

class Watch extends Clock {
  readonly owner = 'ann';
}

class Hidden {
  readonly value = 1;
  private constructor() {}
  static readonly only = new Hidden();
}

class Repository<T> {
  readonly all: T[] = [];
  add(one: T): void {
    this.all.push(one);
  }
}

const NOW = new Token<() => number>('now');
const LIMIT = new Token<number>('limit');
const NAME = new Token<string>('name');

// @ts-expect-error -- ["parameter 1 of the constructor is", Store, "its token gives", Clock]
@Controller('/swapped', Clock, Store)
export class Swapped {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}
}

// @ts-expect-error -- ["parameter 2 of the constructor has no token; it is", Clock]
@Controller('/missing', Store)
export class Missing {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}
}

// @ts-expect-error -- ["the constructor has no parameter 2; its token gives", Clock]
@Injectable(Store, Clock)
export class Surplus {
  constructor(readonly store: Store) {}
}

// @ts-expect-error -- ["the constructor has no parameter 1; its token gives", Store]
@Injectable(Store)
export class None {}

// @ts-expect-error -- ["parameter 1 of the constructor is", string, "its token gives", number]
@Injectable(LIMIT)
export class Unfit {
  constructor(readonly name: string) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", number, "its token gives", string]
@Injectable({ scope: 'request' }, NAME)
export class UnfitWithOptions {
  constructor(readonly limit: number) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", Clock, "its token gives", Clock[]]
@Injectable(Token.all(Clock))
export class AllForOne {
  constructor(readonly clock: Clock) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", readonly Clock[], "its token gives", Clock]
@Injectable(Clock)
export class OneForAll {
  constructor(readonly clocks: readonly Clock[]) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", Store, "its token gives", Clock]
@Injectable(lazy(() => Clock))
export class Lazily {
  constructor(readonly store: Store) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", () => number, "its token gives", NoStandIn<() => number>]
@Injectable(lazy(() => NOW))
export class LazyFunction {
  constructor(readonly now: () => number) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", number, "its token gives", NoStandIn<number>]
@Injectable(lazy(() => LIMIT))
export class LazyNumber {
  constructor(readonly limit: number) {}
}

// @ts-expect-error -- ["parameter 2 of the constructor is", Repository<string>, "its token gives", Clock]
@Injectable(Repository, Clock)
export class GenericAndUnfit {
  constructor(
    readonly clocks: Repository<Clock>,
    readonly names: Repository<string>,
  ) {}
}

// @ts-expect-error -- ["parameter 1 of the constructor is", Repository<Clock>, "its token gives", Repository<string>]
@Injectable(Repository<string>)
export class OfAnother {
  constructor(readonly clocks: Repository<Clock>) {}
}

// @ts-expect-error -- ["parameter 2 of the constructor has no token; it is", Clock]
@Injectable(Repository)
export class GenericAndMissing {
  constructor(
    readonly names: Repository<string>,
    readonly clock: Clock,
  ) {}
}

// @ts-expect-error -- ["parameter 2 of the constructor is", Clock, "its token gives", Clock[]]
@Injectable(Store, Token.all(Clock))
export class Rest {
  readonly clocks: Clock[];
  constructor(
    readonly store: Store,
    ...clocks: Clock[]
  ) {
    this.clocks = clocks;
  }
}

// @ts-expect-error -- ["parameter 1 of the constructor is", Clock, "its token gives", Store]
@Injectable(Store)
export class Overloaded {
  constructor(store: Store);
  constructor(clock: Clock);
  constructor(readonly either: Store | Clock) {}
}

// @ts-expect-error -- what may be missing is no Clock, and a Clock is no Watch
@Controller('', Token.optional(Clock))
export class Optional {
  constructor(readonly watch: Watch) {}
}

// @ts-expect-error -- ["parameter 3 of the constructor is", () => number, "its token gives", number]
@Controller('/third', Watch, Store, LIMIT)
export class Third {
  constructor(
    readonly clock: Clock,
    readonly store: Store,
    readonly now: () => number,
  ) {}
}

// @ts-expect-error -- ["parameter 2 of the constructor has no token; it is", Store]
@Injectable(Clock)
export abstract class Abstract {
  constructor(
    readonly clock: Clock,
    readonly store: Store,
  ) {}
}

// @ts-expect-error -- there is no such scope
@Injectable({ scope: 'session' })
export class WrongScope {}

// @ts-expect-error -- only itself makes objects of it
@Injectable(Hidden)
export class TakesHidden {
  constructor(readonly hidden: Hidden) {}
}

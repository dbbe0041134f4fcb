/** Lists of dependencies that do not fit: every marked line must be a compile error, or this file does not compile. */
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

class Hidden {
  readonly value = 1;
  private constructor() {}
  static readonly only = new Hidden();
}

const LIMIT = new Token<number>('limit');
const NAME = new Token<string>('name');

// @ts-expect-error -- swapped
@Controller('/swapped', Clock, Store)
export class Swapped {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}
}

// @ts-expect-error -- parameter 2 has no dependency
@Controller('/missing', Store)
export class Missing {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}
}

// @ts-expect-error -- there is no parameter 2
@Injectable(Store, Clock)
export class Surplus {
  constructor(readonly store: Store) {}
}

// @ts-expect-error -- there is no parameter at all
@Injectable(Store)
export class None {}

// @ts-expect-error -- a number for a text
@Injectable(LIMIT)
export class Unfit {
  constructor(readonly name: string) {}
}

// @ts-expect-error -- with options, too
@Injectable({ scope: 'request' }, NAME)
export class UnfitWithOptions {
  constructor(readonly limit: number) {}
}

// @ts-expect-error -- a list for one
@Injectable(Token.all(Clock))
export class AllForOne {
  constructor(readonly clock: Clock) {}
}

// @ts-expect-error -- one for a list
@Injectable(Clock)
export class OneForAll {
  constructor(readonly clocks: readonly Clock[]) {}
}

// @ts-expect-error -- the class behind lazy() counts
@Injectable(lazy(() => Clock))
export class Lazily {
  constructor(readonly store: Store) {}
}

// @ts-expect-error -- what stands for a rest parameter is one value each
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

// @ts-expect-error -- of an overloaded constructor the last overload counts
@Injectable(Store)
export class Overloaded {
  constructor(store: Store);
  constructor(clock: Clock);
  constructor(readonly either: Store | Clock) {}
}

// @ts-expect-error -- there is no such scope
@Injectable({ scope: 'session' })
export class WrongScope {}

// @ts-expect-error -- only itself makes objects of it
@Injectable(Hidden)
export class TakesHidden {
  constructor(readonly hidden: Hidden) {}
}

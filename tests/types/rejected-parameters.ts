/** What stands before parameters and does not fit them: the compiler must refuse each marked line, with those words. */
import { Controller, Inject, lazy, Token } from 'obol';
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

const LIMIT = new Token<number>('limit');
const NOW = new Token<() => number>('now');
declare const FOREIGN: InjectionToken<Clock>;

@Controller('/unfit')
export class Unfit {
  constructor(
    // @ts-expect-error -- ["the parameter is", Store, "its token gives", Clock]
    @Inject(Clock) readonly store: Store,
    // @ts-expect-error -- ["the parameter is", Watch, "its token gives", Clock]
    @Inject(Clock) readonly watch: Watch,
    // @ts-expect-error -- ["the parameter is", string, "its token gives", number]
    @Inject(LIMIT) readonly name: string,
    // @ts-expect-error -- ["the parameter is", number, "its token gives", () => number]
    @Inject(NOW) private readonly limit: number,
    // @ts-expect-error -- ["the parameter is", () => string, "its token gives", () => number]
    @Inject(NOW) now: () => string,
    // @ts-expect-error -- ["the parameter is", Watch, "its token gives", Clock]
    @Inject(FOREIGN) readonly foreign: Watch,
    // @ts-expect-error -- ["the parameter is", Store, "its token gives", Clock]
    @Inject<Clock>('clock') readonly typed: Store,
    // @ts-expect-error -- ["the parameter is", Store, "its token gives", Clock]
    @Inject(delay(() => Clock)) readonly delayed: Store,
    // @ts-expect-error -- ["the parameter is", Store, "its token gives", Clock]
    @Inject(lazy(() => Clock)) readonly lazily: Store,
    // @ts-expect-error -- ["the parameter is", () => number, "its token gives", NoStandIn<() => number>]
    @Inject(lazy(() => NOW)) readonly lazyFunction: () => number,
    // @ts-expect-error -- ["the parameter is", Clock, "its token gives", Clock[]]
    @Inject(Token.all(Clock)) readonly one: Clock,
    // @ts-expect-error -- ["the parameter is", readonly Clock[], "its token gives", Clock]
    @Inject(Clock) readonly many: readonly Clock[],
    // @ts-expect-error -- ["the parameter is", Repository<Clock>, "its token gives", Repository<string>]
    @Inject(Repository<string>) readonly clocks: Repository<Clock>,
    // @ts-expect-error -- what may be missing is no Clock, and a Clock is no Watch
    @Inject(Token.optional(Clock)) readonly optional: Watch,
  ) {
    void [this.limit, now];
  }
}

export class Later {
  constructor(
    readonly clock: Clock,
    readonly store: Store,
    // @ts-expect-error -- ["the parameter is", string
    @Inject(LIMIT) readonly name?: string,
    // @ts-expect-error -- ["the parameter is", string, "its token gives", number]
    @Inject(LIMIT) ...names: string[]
  ) {
    void names;
  }
}

// @ts-expect-error -- ["@Inject stands before a parameter of a constructor"]
@Inject(Clock)
export class OnClass {
  // @ts-expect-error -- ["@Inject stands before a parameter of a constructor"]
  @Inject(Clock) readonly field!: Clock;
  // @ts-expect-error -- ["@Inject stands before a parameter of a constructor"]
  @Inject(Clock) method(): void {}
  // @ts-expect-error -- ["@Inject stands before a parameter of a constructor"]
  take(@Inject(Clock) clock: Clock): void {
    void clock;
  }
  // @ts-expect-error -- ["@Inject stands before a parameter of a constructor"]
  static take(@Inject(Clock) clock: Clock): void {
    void clock;
  }
}

export class Wrong {
  constructor(
    // @ts-expect-error -- only itself makes objects of it
    @Inject(Hidden) readonly hidden: Hidden,
    // @ts-expect-error -- a number is no token
    @Inject(5) readonly number: number,
    // @ts-expect-error -- what it takes is missing
    @Inject() readonly missing: Clock,
    // @ts-expect-error -- it stands without parentheses
    @Inject readonly bare: Clock,
  ) {}
}

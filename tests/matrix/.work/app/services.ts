/** What the controllers take: listed with each class, so that no compiler has to write types down. */
import { Injectable, lazy, Token, type Request } from 'obol';
import { Registry } from './registry.ts';

export const CLOCK = new Token<() => number>('clock');
export const COLOURS = new Token<string>('colours');
export const MISSING = new Token<string>('missing');

export abstract class Greeter {
  abstract greet(name: string): string;
}

export class PoliteGreeter extends Greeter {
  greet(name: string): string {
    return `Good day, ${name}`;
  }
}

/** One for all. */
@Injectable(CLOCK)
export class Store {
  #visits = 0;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  visit(): { visits: number; at: number } {
    return { visits: ++this.#visits, at: this.#clock() };
  }
}

/** In a circle with a class of another file. */
@Injectable(lazy(() => Registry))
export class Members {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  get title(): string {
    return `members of ${this.#registry.name}`;
  }
}

/** One for each request, and what takes it is as well. */
export const REQUESTED = new Token<Request>('requested');

@Injectable(REQUESTED)
export class Asked {
  readonly path: string;

  constructor(request: Request) {
    this.path = request.path;
  }
}

/** Tokens of other copies of Obol: a class of such a copy stands for what the application has of the same class. */
import { brandOf } from '../ground/brand.js';
import { providerOf } from '../metadata/provided-by.js';
import { registrationsIn } from './registration.js';
import type { DependencyContainer, InjectionToken } from 'tsyringe';

/** What a token is to every copy: of a class of Obol its brand or the feature that provides it, of all else the token itself. */
export function identityOf(token: unknown): unknown {
  const ofClass = typeof token === 'function' ? (brandOf(token) ?? providerOf(token)) : undefined;
  return ofClass ?? token;
}

/** Lets a container know the tokens of other copies for what they are. */
export class ForeignTokens {
  readonly #container: DependencyContainer;
  readonly #own: ReadonlyMap<unknown, InjectionToken>;

  /** @param own what the container gives, under the classes of this copy or of the feature that brings them */
  constructor(container: DependencyContainer, own: readonly InjectionToken[]) {
    this.#container = container;
    this.#own = new Map(own.map((token) => [identityOf(token), token]));
  }

  /** To be called with every token before it is looked up. */
  admit(token: unknown): void {
    const own = this.#own.get(identityOf(token));
    if (own === undefined || own === token || registrationsIn(this.#container, token).length > 0) return;
    this.#container.register(token as InjectionToken, { useToken: own });
  }
}

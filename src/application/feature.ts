/** A feature: everything that one part of an application brings along, in one place of the settings. */
import type { Middleware } from '../message/handler.js';
import type { Provider, RequestProvider } from './container.js';

/** What a feature adds to an application, such as sessions do. */
export interface Feature {
  /** Around the whole application, inside of what the application names itself. */
  readonly middleware?: readonly Middleware[];
  /** What the container shall give out. */
  readonly providers?: readonly Provider[];
  /** What the container shall give out once for each request. */
  readonly requestProviders?: readonly RequestProvider[];
  /** Called when the application has closed. */
  close?(): void | Promise<void>;
}

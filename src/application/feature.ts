/** A feature: everything that one part of an application brings along, in one place of the settings. */
import type { Log } from '../ground/log/log.js';
import type { HttpError } from '../http/http-error.js';
import type { Middleware } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { Class } from '../metadata/class.js';
import type { AnyToken } from '../ground/token.js';
import type { Path } from '../routing/path.js';
import type { Prefix } from '../routing/prefix.js';
import type { PathFilterSet } from './filters.js';
import type { HookFunctions, HookOptions, ScopedOptions } from './handlers.js';
import type { WrappingOptions } from './plain-function.js';
import type { PlannedController } from './planned-controller.js';
import type { Provider, RequestProvider } from './provider.js';
import type { RouteOptions, Routes } from './routes.js';
import type { Table } from './table.js';

/** A route of a feature. */
interface FeatureRoute extends RouteOptions {
  readonly path: string | RegExp | Path;
  readonly handler: (request: Request, ...parameters: never[]) => unknown;
}

/** Another feature that a feature works with. */
interface Need {
  readonly feature: Feature;
  /** For the message, such as `the connection of redisThrottleStore()`. */
  readonly what: string;
}

/**
 * What a feature adds to an application, such as sessions do: all that its author may write. What the application has of
 * its own comes first: its hooks are run first, and its state, error and default handlers answer in place of those of features.
 */
export interface Feature {
  /** Classes, as those that the application lists itself. Default none. */
  readonly controllers?: readonly Class[];
  /** Classes that answer by what decorators of the feature's own say of them. Default none. */
  readonly planned?: readonly PlannedController[];
  /** Functions as routes, with what `app.routes.add()` takes besides. Default none. */
  readonly routes?: readonly FeatureRoute[];
  /** Hooks that run before guards and routes; what they return is ignored. Default none. */
  readonly before?: readonly (HookOptions & { readonly handler: HookFunctions['before'] })[];
  /** Hooks that run after them; what they return, if anything, takes the place of the response. Default none. */
  readonly after?: readonly (HookOptions & { readonly handler: HookFunctions['after'] })[];
  /** Handlers of statuses. Default none. */
  readonly states?: readonly (ScopedOptions & {
    readonly status: number;
    readonly handler: (request: Request, error: HttpError) => unknown;
  })[];
  /** Handlers of classes of errors. Default none. */
  readonly errors?: readonly (ScopedOptions & {
    readonly errorClass: Class<object>;
    readonly handler: (request: Request, error: never) => unknown;
  })[];
  /** Handlers of what no route has. Default none. */
  readonly defaults?: readonly (ScopedOptions &
    WrappingOptions & { readonly handler: (request: Request) => unknown })[];
  /** Path filters by name. Default none. */
  readonly filters?: PathFilterSet;
  /**
   * Around everything, the application's own middleware too: for what must be on every answer, refusals of middleware among
   * them. Default none.
   */
  readonly outermost?: readonly Middleware[];
  /**
   * Around the answers that the host has for a client in place of a response, by the conditions and ranges of the request: 412 and
   * 416. Other middleware has seen the response already. Default none.
   */
  readonly refusals?: readonly Middleware[];
  /** Around the whole application, and inside of the application's own. Default none. */
  readonly middleware?: readonly Middleware[];
  /** What the container gives out. Two features that provide the same are two of one kind: a mistake. Default none. */
  readonly providers?: readonly Provider[];
  /** What the container gives out once for each request. Default none. */
  readonly requestProviders?: readonly RequestProvider[];
  /** Features that it works with, such as the connection of its store: one that the application does not have is a mistake. Default none. */
  readonly needs?: readonly Need[] | undefined;
  /**
   * Called, and waited for, before anything is made, for what is wrong with it in this place: an ObolError is reported with all
   * other mistakes. Default none.
   */
  verify?(): void | Promise<void>;
  /** Called when the application is complete, and before it answers anything. What it throws stops bootstrap. Default none. */
  start?(surroundings: Surroundings): void | Promise<void>;
  /** Called when the application has closed, or could not be completed. Default none. */
  close?(): void | Promise<void>;
}

/** A class that answers requests of an application. */
interface FoundController {
  readonly controller: Class;
  /** What its paths begin with; undefined for nothing. */
  readonly prefix?: Prefix | undefined;
}

/** What an application has for its features. */
export interface Surroundings {
  /** Its controllers, those of features among them, for what decorators of the feature have recorded on them. */
  readonly controllers: readonly FoundController[];
  /** The application's own. */
  readonly logger: Log;
  /** All that answers in the application, to be read and changed. */
  readonly table: Table;
  /** The routes of its table. */
  readonly routes: Routes;
  /** An object of its container. @throws ConfigurationError or ObolError when there can be none */
  resolve<T>(token: AnyToken<T>): T;
}

/** One after the other, in their order. When one cannot be started, all are closed again. */
export async function startAll(features: readonly Feature[], surroundings: Surroundings): Promise<void> {
  try {
    for (const feature of features) await feature.start?.(surroundings);
  } catch (error) {
    await closeAll(features).catch(() => undefined);
    throw error;
  }
}

/** Closes every one of them, whatever one throws, which is reported then. */
export async function closeAll(features: readonly Feature[]): Promise<void> {
  const results = await Promise.allSettled(features.map(async (feature) => feature.close?.()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The application: a handler with routes, a container and a life. */
import { ObolError } from '../ground/errors.js';
import type { Logger } from '../ground/log/log.js';
import type { Handler, Middleware } from '../message/handler.js';
import { wrap, wrapApplication, type Recover } from '../dispatch/invoke.js';
import type { AnyToken } from '../ground/token.js';
import { adopting } from './adopting.js';
import type { Container } from './container.js';
import { closeAll, type Feature } from './feature.js';
import type { Routes } from './routes.js';
import type { SettingsOptions } from './options.js';
import type { Table } from './table.js';

/** A server that listens for an application. */
export interface RunningServer {
  /** The port it listens on, the real one where 0 was asked for. */
  readonly port: number;
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops listening, answers what is under way, and closes. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What serves an application; the application itself knows no sockets. */
export type Listen<Options> = (app: Application<Options>, options: Options) => Promise<RunningServer>;

/** What an application is made of. */
export interface ApplicationParts<Options> {
  readonly handler: Handler;
  /** Answers what middleware throws. */
  readonly recover: Recover;
  readonly middleware: readonly Middleware[];
  readonly features: readonly Feature[];
  readonly table: Table;
  readonly container: Container;
  readonly settings: SettingsOptions;
  readonly listen: Listen<Options>;
}

/** A bootstrapped application. Its `handle` is a handler like any other. */
export class Application<ListenOptions = unknown> {
  /** Everything that answers a request or looks on, as plain data that can change. */
  readonly table: Table;
  /**
   * Answers a request, whether a host asks, a mount, or another application. Throws nothing and never rejects. A handler that
   * asks several one after the other gives each a view: `app.handle(request.below())`.
   */
  readonly handle: Handler & { readonly table: Table };
  readonly #parts: ApplicationParts<ListenOptions>;
  #server: Promise<RunningServer> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: ApplicationParts<ListenOptions>) {
    this.table = parts.table;
    const { table, settings, handler, middleware, recover } = parts;
    const refusals = parts.features.flatMap((feature) => feature.refusals ?? []);
    const refuse: Recover = (error, request) => wrap((asked) => recover(error, asked), refusals)(request);
    const answer = wrapApplication(handler, middleware, recover);
    this.handle = Object.assign(adopting(settings, answer, refuse), { table });
    this.#parts = parts;
  }

  /** The routes of its table. */
  get routes(): Routes {
    return this.table.routes;
  }

  /** The logger that bootstrap was given; undefined for none. */
  get logger(): Logger | undefined {
    return this.#parts.settings.logger;
  }

  /** An object of the application's container. @throws ConfigurationError or ObolError when there can be none */
  resolve<T>(token: AnyToken<T>): T {
    return this.#parts.container.resolve(token);
  }

  /** Serves the application on a port. @throws ObolError E_LISTEN when it listens already or was closed */
  listen(options: ListenOptions): Promise<RunningServer> {
    if (this.#server || this.#closed) {
      const why = this.#closed ? 'was closed' : 'listens already';
      return Promise.reject(new ObolError('E_LISTEN', `The application ${why}; bootstrap another one.`));
    }
    const server = this.#parts.listen(this, options);
    this.#server = server;
    server.catch(() => (this.#server = undefined));
    return server;
  }

  /** Answers what is under way, closes the server, and disposes what bootstrap built. Closing twice is closing once. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What controllers may still need goes last. Everything is closed, whatever one of them throws, which is thrown then. */
  async #close(): Promise<void> {
    const { container, features } = this.#parts;
    const server = await this.#server?.catch(() => undefined);
    try {
      await server?.close();
    } finally {
      try {
        await container.dispose();
      } finally {
        await closeAll(features);
      }
    }
  }
}

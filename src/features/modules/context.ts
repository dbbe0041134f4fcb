/** What methods of modules get: the seven values of WebScripts, and the request. */
import type { HttpError, Request } from '../../kit.js';
import type { Call } from './call.js';
import type { ModuleConfiguration } from './configuration.js';
import { environmentOf, type Environment } from './environment.js';
import { moduleUser, type KnownUser, type ModuleUser } from './user.js';

/**
 * One call of an exposed method. What the application knows of its users besides is a type of its own, as in
 * `ModuleContext<{ readonly email: string }>`.
 */
export interface ModuleContext<Own extends object = object> extends Call {
  /** What was asked, and by whom, in the words of CGI. Nothing of the process. */
  readonly environment: Environment;
  readonly user: ModuleUser & Own;
  readonly configuration: ModuleConfiguration;
  /** What follows the name of the method in the path, decoded; may be `''`. It has no slash in it. */
  readonly filename: string;
  readonly request: Request;
  /** Aborts when the client leaves before the answer is complete. */
  readonly signal: AbortSignal;
}

/** One call of a page about an error, such as `page_404`. */
export interface PageContext<Own extends object = object> extends ModuleContext<Own> {
  readonly status: number;
  /** What went wrong; its `cause` is what a method has thrown. */
  readonly error: HttpError;
}

/** What a context is made of. */
export interface ContextParts {
  readonly request: Request;
  readonly user: KnownUser;
  readonly configuration: ModuleConfiguration;
  readonly filename: string;
  readonly call: Call;
}

/** A context of which nothing is made before it is asked for. */
export class RequestContext implements ModuleContext {
  readonly request: Request;
  readonly configuration: ModuleConfiguration;
  readonly filename: string;
  readonly arguments: readonly string[];
  readonly inputs: readonly string[];
  readonly csrfToken: string | undefined;
  readonly #known: KnownUser;
  #user: ModuleUser | undefined;
  #environment: Environment | undefined;

  constructor({ request, user, configuration, filename, call }: ContextParts) {
    this.request = request;
    this.configuration = configuration;
    this.filename = filename;
    this.arguments = call.arguments;
    this.inputs = call.inputs;
    this.csrfToken = call.csrfToken;
    this.#known = user;
  }

  get user(): ModuleUser {
    return (this.#user ??= moduleUser(this.#known, this.request));
  }

  get environment(): Environment {
    return (this.#environment ??= environmentOf(this.request));
  }

  get signal(): AbortSignal {
    return this.request.signal;
  }
}

/** A context with the error that the page is about. */
export class ErrorPageContext extends RequestContext implements PageContext {
  readonly error: HttpError;

  constructor(parts: ContextParts, error: HttpError) {
    super(parts);
    this.error = error;
  }

  get status(): number {
    return this.error.status;
  }
}

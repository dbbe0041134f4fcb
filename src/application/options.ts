/** What `bootstrap` takes, and its checked form. */
import { container as globalContainer, type DependencyContainer } from 'tsyringe';
import type { JsonOptions } from '../body/json.js';
import { compileTrust, type TrustProxy } from '../http/forwarded.js';
import type { QueryOptions } from '../http/query.js';
import { consoleLogger, type Logger } from '../logger.js';
import { Finalizer, SECURITY_HEADERS, type DefaultHeaders } from '../message/finalize.js';
import type { Middleware } from '../message/handler.js';
import type { HostSettings } from '../message/host-settings.js';
import { REQUEST_DEFAULTS } from '../message/request.js';
import type { PathFilterOptions } from '../routing/filters.js';
import type { Provider, RequestProvider } from './container.js';
import type { ControllerSources } from './find-controllers.js';

/** Settings of an application; all but the controllers have safe defaults. */
export interface BootstrapOptions extends QueryOptions {
  /** Controller classes, or globs of compiled modules that export them. */
  readonly controllers: ControllerSources;
  /** What the container shall give out: configuration, services, stand-ins in tests. */
  readonly providers?: readonly Provider[];
  /** What the container shall give out once for each request. */
  readonly requestProviders?: readonly RequestProvider[];
  /** The container to build on. Default: tsyringe's global one. */
  readonly container?: DependencyContainer;
  /** Path filters by name, besides the built-in ones. */
  readonly filters?: Readonly<Record<string, PathFilterOptions<never>>>;
  /** Wraps the whole application; the first is the outermost. */
  readonly middleware?: readonly Middleware[];
  /** Show crashes to the client. Default false. */
  readonly debug?: boolean;
  /** Where crashes are written. Default the standard error stream. */
  readonly logger?: Logger;
  /** Which proxies may speak for their clients. Default none. */
  readonly trustProxy?: TrustProxy;
  /** Limits of JSON bodies. */
  readonly json?: JsonOptions;
  /** Media types parsed as JSON besides every `+json` type. */
  readonly jsonMimeTypes?: readonly string[];
  /** Send `X-Powered-By: Obol`. Default true. */
  readonly poweredBy?: boolean;
  /** Default headers for every response and for HTML documents; `false` for none. */
  readonly securityHeaders?: false | { readonly every?: DefaultHeaders; readonly document?: DefaultHeaders };
}

/** How hosts shall serve the application. @throws ObolError E_SETTING */
export function hostSettingsFrom(options: BootstrapOptions): HostSettings {
  const { keepBlankValues, strictParsing, trustProxy = false, json = {}, jsonMimeTypes } = options;
  const security =
    options.securityHeaders === false
      ? { every: {}, document: {} }
      : { ...SECURITY_HEADERS, ...options.securityHeaders };
  const poweredBy = options.poweredBy === false ? {} : { 'X-Powered-By': 'Obol' };
  return {
    logger: options.logger ?? consoleLogger,
    finalizer: new Finalizer({ every: { ...security.every, ...poweredBy }, document: security.document }),
    request: {
      trust: compileTrust(trustProxy),
      query: { keepBlankValues: keepBlankValues ?? false, strictParsing: strictParsing ?? false },
      json,
      jsonTypes: jsonMimeTypes?.map((type) => type.toLowerCase()) ?? REQUEST_DEFAULTS.jsonTypes,
    },
  };
}

/** The container that the application's own one is a child of. */
export function parentContainer(options: BootstrapOptions): DependencyContainer {
  return options.container ?? globalContainer;
}

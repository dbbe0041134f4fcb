/** What `bootstrap` takes, and its checked form. */
import { inspect } from 'node:util';
import { container as globalContainer, type DependencyContainer } from 'tsyringe';
import { FORM_LIMITS, type FormOptions } from '../body/form-options.js';
import type { JsonOptions } from '../body/json.js';
import { compileTrust, type ProxyHeader, type TrustProxy } from '../http/forwarded.js';
import { parseMediaType } from '../http/media-type.js';
import type { QueryOptions } from '../http/query.js';
import { ObolError, type Problem } from '../ground/errors.js';
import type { Logger } from '../ground/logger.js';
import type { ErrorTemplate } from '../message/error-template.js';
import type { Middleware } from '../message/handler.js';
import { Headers } from '../message/headers.js';
import type { DefaultHeaders } from '../message/settings.js';
import type { PathFilterOptions } from '../routing/filters.js';
import type { Provider, RequestProvider } from './provider.js';
import type { Feature } from './feature.js';
import type { ControllerSources } from './find-controllers.js';

/** A path filter, whatever type it converts to. */
export type AnyPathFilter = Omit<PathFilterOptions<unknown>, 'format'> &
  Pick<PathFilterOptions<never>, 'format'>;

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
  readonly filters?: Readonly<Record<string, AnyPathFilter>>;
  /** Wraps the whole application; the first is the outermost. */
  readonly middleware?: readonly Middleware[];
  /** Parts that bring middleware and injectable objects of their own, such as sessions. */
  readonly features?: readonly Feature[];
  /** Show crashes to the client. Default false. */
  readonly debug?: boolean;
  /** Makes the HTML pages of errors that no `@HttpState` handler answers. Default a small page without scripts. */
  readonly errorTemplate?: ErrorTemplate;
  /** Where crashes are written. Default the standard error stream. */
  readonly logger?: Logger;
  /** Which proxies may speak for their clients. Default none. */
  readonly trustProxy?: TrustProxy;
  /** Which header those proxies write: `x-forwarded` (X-Forwarded-For, -Host, -Proto; default) or `forwarded` (RFC 7239). */
  readonly proxyHeader?: ProxyHeader;
  /** Read query arguments; else `req.args` is empty. Default true. */
  readonly autoArgs?: boolean;
  /** Read cookies for handlers; else `req.cookies` is empty. Sessions and logins read theirs all the same. Default true. */
  readonly autoCookies?: boolean;
  /** Limits of JSON bodies. */
  readonly json?: JsonOptions;
  /** Media types parsed as JSON besides every `+json` type. */
  readonly jsonMimeTypes?: readonly string[];
  /** Parse JSON bodies before the handler is called. Default true. */
  readonly autoJson?: boolean;
  /** Limits of forms, where their files go, and who hears of their progress. */
  readonly form?: FormOptions;
  /** Media types parsed as forms. Default both kinds. */
  readonly formMimeTypes?: readonly string[];
  /** Parse forms before the handler is called. Default true. */
  readonly autoForm?: boolean;
  /** Says where uploaded files go; short for `form: { fileCallback }`. */
  readonly fileCallback?: FormOptions['fileCallback'];
  /** Read small bodies of other types into `req.data` before the handler is called. Default true. */
  readonly autoData?: boolean;
  /** Up to how many bytes. Default 64 KiB. */
  readonly dataSize?: number;
  /** Bytes of a body that a handler reads as a stream, unless its route has `@Data(false)`. Default 32 MiB. */
  readonly streamSize?: number;
  /** Milliseconds that a body may stand still before the answer is 408; 0 for ever. Default 10,000. */
  readonly readTimeout?: number;
  /** A folder whose files answer GET and HEAD where no route does. */
  readonly documentRoot?: string;
  /** List the folders in it that have no index file. Default false. */
  readonly documentIndex?: boolean;
  /** Send `X-Powered-By: Obol`. Default true. */
  readonly poweredBy?: boolean;
  /** Default headers for every response and for HTML documents; `false` for none. */
  readonly securityHeaders?: false | { readonly every?: DefaultHeaders; readonly document?: DefaultHeaders };
}

/** Those options that travel with requests, or may be inherited. */
export type SettingsOptions = Omit<BootstrapOptions, 'controllers'>;

/** The options that are right. @param report takes each wrong one, which counts as not given */
export function readSettings(options: BootstrapOptions, report: (problem: Problem) => void): SettingsOptions {
  const wrong = checks(options).flatMap(([name, check]) => {
    try {
      check();
      return [];
    } catch (error) {
      if (!(error instanceof ObolError)) throw error;
      report({ code: error.code, message: error.message });
      return [name];
    }
  });
  const isGood = ([name]: [string, unknown]): boolean => !(wrong as readonly string[]).includes(name);
  return Object.fromEntries(Object.entries(options).filter(isGood));
}

function checks(options: BootstrapOptions): [keyof BootstrapOptions, () => void][] {
  return [...bodyChecks(options), ...otherChecks(options)];
}

function bodyChecks(options: BootstrapOptions): [keyof BootstrapOptions, () => void][] {
  const { json = {}, form = {}, jsonMimeTypes, formMimeTypes, dataSize, streamSize, readTimeout } = options;
  const limits = Object.entries(form).filter(([name]) => Object.hasOwn(FORM_LIMITS, name));
  return [
    ['json', numberChecks(Object.entries(json), 'json.')],
    ['form', numberChecks(limits, 'form.')],
    ['jsonMimeTypes', mediaTypeCheck('jsonMimeTypes', jsonMimeTypes)],
    ['formMimeTypes', mediaTypeCheck('formMimeTypes', formMimeTypes)],
    ['dataSize', numberChecks(Object.entries({ dataSize }))],
    ['streamSize', numberChecks(Object.entries({ streamSize }))],
    ['readTimeout', numberChecks(Object.entries({ readTimeout }), '', 0)],
  ];
}

function otherChecks(options: BootstrapOptions): [keyof BootstrapOptions, () => void][] {
  const {
    trustProxy = false,
    proxyHeader = 'x-forwarded',
    logger,
    middleware = [],
    features = [],
    securityHeaders,
  } = options;
  return [
    ['trustProxy', () => compileTrust(trustProxy)],
    [
      'proxyHeader',
      () => {
        if (!['x-forwarded', 'forwarded'].includes(proxyHeader))
          throw wrongSetting('proxyHeader', proxyHeader, '"x-forwarded" or "forwarded"');
      },
    ],
    [
      'logger',
      () => {
        if (logger && !(typeof logger.error === 'function' && typeof logger.warn === 'function'))
          throw wrongSetting('logger', logger, 'an object with the methods error and warn, such as console');
      },
    ],
    [
      'features',
      () => {
        checkFeatures(features);
      },
    ],
    [
      'middleware',
      () => {
        checkMiddleware(middleware);
      },
    ],
    [
      'securityHeaders',
      () => {
        if (securityHeaders) for (const set of Object.values(securityHeaders)) new Headers(set);
      },
    ],
  ];
}

function checkMiddleware(middleware: readonly unknown[]): void {
  const bad = middleware.findIndex((layer) => typeof layer !== 'function');
  if (bad < 0) return;
  const what = inspect(middleware[bad], { depth: 0 });
  throw new ObolError('E_MIDDLEWARE', `middleware: ${what} is no function (request, next) => response.`);
}

function checkFeatures(features: readonly unknown[]): void {
  const bad = features.findIndex((feature) => !isFeature(feature));
  if (bad < 0) return;
  const isFunction = typeof features[bad] === 'function';
  const cure = isFunction ? ' What wraps requests belongs to middleware: [...].' : '';
  throw wrongSetting('features', features[bad], `a feature, as sessions({ ... }) gives one.${cure}`);
}

function isFeature(value: unknown): value is Feature {
  return typeof value === 'object' && value !== null;
}

/** What is undefined is as if it were not there. */
function numberChecks(values: readonly [string, unknown][], prefix = '', least = 1): () => void {
  return () => {
    for (const [name, value] of values) {
      if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) continue;
      throw wrongSetting(prefix + name, value, `a whole number of at least ${String(least)}`);
    }
  };
}

function mediaTypeCheck(setting: string, types: readonly string[] | undefined): () => void {
  return () => {
    const bad = types?.find((type) => !parseMediaType(type));
    if (bad !== undefined) throw wrongSetting(setting, bad, 'a media type such as "application/json"');
  };
}

function wrongSetting(name: string, value: unknown, right: string): ObolError {
  return new ObolError('E_SETTING', `${name}: ${inspect(value, { depth: 0 })} is not ${right}.`);
}

/** What the application and its features ask for together; the application's own comes first. */
export function contributions(options: BootstrapOptions): Required<Omit<Feature, 'start' | 'close'>> {
  const { middleware = [], providers = [], requestProviders = [] } = options;
  const features = (options.features ?? []).filter(isFeature);
  return {
    middleware: [...middleware, ...features.flatMap((feature) => feature.middleware ?? [])],
    providers: [...providers, ...features.flatMap((feature) => feature.providers ?? [])],
    requestProviders: [...requestProviders, ...features.flatMap((feature) => feature.requestProviders ?? [])],
  };
}

/** The container that the application's own one is a child of. */
export function parentContainer(options: BootstrapOptions): DependencyContainer {
  return options.container ?? globalContainer;
}

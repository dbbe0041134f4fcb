/** What `bootstrap` takes, and its checked form. */
import type { DependencyContainer } from 'tsyringe';
import { FORM_RULES, type FormOptions } from '../body/form-options.js';
import { JSON_RULES, type JsonOptions } from '../body/json.js';
import { TRUST_RULE, type ProxyHeader, type TrustProxy } from '../http/forwarded.js';
import { contentTypesBy, type ContentTypes } from '../http/mime-types.js';
import { parseMediaType } from '../http/media-type.js';
import type { QueryOptions } from '../http/query.js';
import type { Problem } from '../ground/errors.js';
import type { Logger } from '../ground/log/log.js';
import { mistakesIn, rule, type Rule, type Rules } from '../ground/settings.js';
import type { ErrorPageFormat, ErrorTemplate } from '../message/error-template.js';
import type { Middleware } from '../message/handler.js';
import { Headers } from '../message/headers.js';
import type { DefaultHeaders } from '../message/settings.js';
import { PROVIDER_RULE, REQUEST_PROVIDER_RULE, type Provider, type RequestProvider } from './provider.js';
import type { Feature } from './feature.js';
import { FEATURE_RULE, FILTERS_RULE } from './feature-rules.js';
import { MIDDLEWARE_RULE, MIDDLEWARES_RULE } from './plain-function.js';
import type { PathFilterSet } from './filters.js';
import type { ControllerSources } from './find-controllers.js';
import { isContainer } from './registration.js';

/** Settings of an application; all but the controllers have safe defaults. */
export interface BootstrapOptions extends QueryOptions {
  /** Controller classes, or globs of compiled modules that export them. */
  readonly controllers: ControllerSources;
  /** What the container shall give out: configuration, services, stand-ins in tests. Default none. */
  readonly providers?: readonly Provider[];
  /** What the container shall give out once for each request. Default none. */
  readonly requestProviders?: readonly RequestProvider[];
  /** The container to build on. Default: tsyringe's global one. */
  readonly container?: DependencyContainer;
  /** Path filters by name, besides the built-in ones, of the types that `PathFilters` has for them. Default none. */
  readonly filters?: PathFilterSet;
  /** Wraps the whole application; the first is the outermost. Default none. */
  readonly middleware?: readonly Middleware[];
  /** Parts that bring middleware and injectable objects of their own, such as sessions. Default none. */
  readonly features?: readonly Feature[];
  /**
   * Whether variables of the environment win over these options: `OBOL_DEBUG=on`, `OBOL_DOCUMENT_ROOT=public`, and so on (docs/config.md). Say `false`
   * for an application inside another. Default true.
   */
  readonly environment?: boolean;
  /** Show crashes to the client. Default false. */
  readonly debug?: boolean;
  /**
   * Hold what handlers give against the `returns` of their contracts, and strip what those do not have; what does not fit is a 500. Default in
   * development only.
   */
  readonly checkReturns?: boolean;
  /**
   * What a client gets for an error where it names no type (no Accept, or any type at all): a JSON `problem` (RFC 9457), `html` or
   * `text`. Who asks for HTML by name gets it. Controllers change it with `@ErrorFormat`. Default `problem`.
   */
  readonly errorFormat?: ErrorPageFormat;
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
  /** Limits of JSON bodies. Default 1 MiB, 64 levels and 10,000 keys. */
  readonly json?: JsonOptions;
  /** Media types parsed as JSON besides every `+json` type. Default `application/json` and `application/javascript`. */
  readonly jsonMimeTypes?: readonly string[];
  /** Parse JSON bodies before the handler is called. Default true. */
  readonly autoJson?: boolean;
  /** Limits of forms, where their files go, and what follows their progress. Each has a default of its own. */
  readonly form?: FormOptions;
  /** Media types parsed as forms. Default both kinds. */
  readonly formMimeTypes?: readonly string[];
  /** Parse forms before the handler is called. Default true. */
  readonly autoForm?: boolean;
  /** Says where uploaded files go; short for `form: { fileCallback }`. Default none. */
  readonly fileCallback?: FormOptions['fileCallback'];
  /** Read small bodies of other types into `req.data` before the handler is called. Default true. */
  readonly autoData?: boolean;
  /** Up to how many bytes. Default 64 KiB. */
  readonly dataSize?: number;
  /** Bytes of a body that a handler reads as a stream, unless its route has `@Data(false)`. Default 32 MiB. */
  readonly streamSize?: number;
  /** Milliseconds that a body may stand still before the answer is 408; 0 for ever. Default 10,000. */
  readonly readTimeout?: number;
  /** A folder whose files answer GET and HEAD where no route does. Default none. */
  readonly documentRoot?: string;
  /** Content types of its files by ending, before those that are known: `{ '.md': 'text/markdown' }`. Default none. */
  readonly contentTypes?: ContentTypes;
  /** List the folders in it that have no index file. Default false. */
  readonly documentIndex?: boolean;
  /** Send `X-Powered-By: Obol`. Default true. */
  readonly poweredBy?: boolean;
  /** Headers of every response, and of HTML documents; `false` for none. Default `nosniff` and, for documents, a policy, to which `req.cspNonce` adds. */
  readonly securityHeaders?: false | { readonly every?: DefaultHeaders; readonly document?: DefaultHeaders };
}

/** Those options that travel with requests, or may be inherited. */
export type SettingsOptions = Omit<BootstrapOptions, 'controllers'>;

const TYPES_RULE = rule.list(
  'a list of media types',
  rule.text('a media type such as "application/json"', (type) => parseMediaType(type) !== null),
);

const HEADERS_RULE: Rule = (headers, name) => {
  try {
    const empty = [...new Headers(headers as DefaultHeaders)].find(([, value]) => value.trim() === '');
    return empty && `${name}: ${empty[0]} has no value; leave it out to send it nowhere.`;
  } catch (error) {
    return `${name}: ${(error as Error).message}`;
  }
};

const CONTENT_TYPES_RULE: Rule = (table, name) => {
  try {
    contentTypesBy(table as ContentTypes, name);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const LIKE_CONTAINER = rule.methods(['resolve', 'createChildContainer'], 'a container of tsyringe');

const CONTAINER_RULE: Rule = (container, name) =>
  LIKE_CONTAINER(container, name) ??
  (isContainer(container)
    ? undefined
    : `${name}: it is of another copy of tsyringe, which knows none of the classes. Keep one copy (npm ls tsyringe).`);

/** What lists of the application consist of: what is right in one counts, whatever else is in it. */
const LISTED = {
  features: FEATURE_RULE,
  middleware: MIDDLEWARE_RULE,
  providers: PROVIDER_RULE,
  requestProviders: REQUEST_PROVIDER_RULE,
} as const;

/** Of the options of an application; controllers are checked where they are read. */
const RULES: Rules<BootstrapOptions> = {
  controllers: rule.needed(rule.any),
  ...rule.each(
    [
      'debug',
      'checkReturns',
      'environment',
      'poweredBy',
      'documentIndex',
      'keepBlankValues',
      'strictParsing',
    ],
    rule.flag,
  ),
  ...rule.each(['autoArgs', 'autoCookies', 'autoJson', 'autoForm', 'autoData'], rule.flag),
  providers: rule.list('a list of providers', LISTED.providers),
  requestProviders: rule.list('a list of providers', LISTED.requestProviders),
  container: CONTAINER_RULE,
  filters: FILTERS_RULE,
  middleware: MIDDLEWARES_RULE,
  features: rule.list('a list of features', LISTED.features),
  errorFormat: rule.oneOf('problem', 'html', 'text'),
  errorTemplate: rule.callable('(page) => html'),
  logger: rule.logger,
  trustProxy: TRUST_RULE,
  proxyHeader: rule.oneOf('x-forwarded', 'forwarded'),
  json: rule.options(JSON_RULES),
  form: rule.options(FORM_RULES),
  ...rule.each(['jsonMimeTypes', 'formMimeTypes'], TYPES_RULE),
  fileCallback: FORM_RULES.fileCallback,
  ...rule.each(['dataSize', 'streamSize'], rule.whole('bytes')),
  readTimeout: rule.milliseconds(0),
  contentTypes: CONTENT_TYPES_RULE,
  documentRoot: rule.text('a folder'),
  securityHeaders: rule.orFalse(
    rule.options<{ every?: DefaultHeaders; document?: DefaultHeaders }>(
      rule.each(['every', 'document'], HEADERS_RULE),
    ),
  ),
};

/** The options that are right. @param report takes each wrong one, which counts as not given; of a list, what is wrong in it */
export function readSettings(options: BootstrapOptions, report: (problem: Problem) => void): SettingsOptions {
  const mistakes = mistakesIn(options, RULES);
  for (const message of mistakes.values()) report({ code: 'E_SETTING', message });
  const right = Object.entries(options).filter(([name]) => !mistakes.has(name));
  return { ...Object.fromEntries(right), ...rightOfLists(options) };
}

function rightOfLists({
  features,
  middleware,
  providers,
  requestProviders,
}: BootstrapOptions): Pick<Required<SettingsOptions>, keyof typeof LISTED> {
  return {
    features: rightIn(features, LISTED.features),
    middleware: rightIn(middleware, LISTED.middleware),
    providers: rightIn(providers, LISTED.providers),
    requestProviders: rightIn(requestProviders, LISTED.requestProviders),
  };
}

function rightIn<T>(list: readonly T[] = [], isRight: Rule): T[] {
  return (Array.isArray(list) ? (list as readonly T[]) : []).filter(
    (each) => isRight(each, '') === undefined,
  );
}

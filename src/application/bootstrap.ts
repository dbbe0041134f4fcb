/** Puts an application together from annotated controllers, or says everything that is wrong with them. */
import type { ContentTypes } from '../http/mime-types.js';
import { foreignCopies } from '../ground/copies.js';
import { ConfigurationError, type Problem } from '../ground/errors.js';
import { CurrentLog } from '../ground/log/current-log.js';
import { Log } from '../ground/log/log.js';
import { defaultLog, logOf } from '../ground/log/logger.js';
import type { Handler, Middleware } from '../message/handler.js';
import { FilterRegistry, type PathFilterOptions } from '../routing/filters.js';
import { bindFilters } from './url-for.js';
import { Application, type Listen } from './application.js';
import { orReport, type Report } from './report.js';
import { Container } from './container.js';
import { fillTable, findMistaken, findUnread } from './contributions.js';
import { withEnvironment } from './environment.js';
import { startAll, type Feature, type Surroundings } from './feature.js';
import { buildTable, warnOfOverlaps, warnOfUnreached } from './fill-table.js';
import { findControllers } from './find-controllers.js';
import { readSettings, type BootstrapOptions } from './options.js';
import type { Provider } from './provider.js';
import { isContainer } from './registration.js';
import { scanPlanned } from './planned-controller.js';
import { scanController, type ScannedController } from './scan.js';
import { container as globalContainer } from 'tsyringe';

/** How a document root is served. */
interface DocumentRootOptions {
  readonly listing: boolean;
  readonly contentTypes: ContentTypes | undefined;
}

/** What the host does for an application, which knows neither sockets nor files. */
export interface Hosting<ListenOptions> {
  readonly listen: Listen<ListenOptions>;
  /** A handler of the files in a folder. @throws ObolError when it is none */
  readonly openDocumentRoot?: (root: string, options: DocumentRootOptions) => Handler;
}

/**
 * Scans controllers, checks everything, builds the singletons and compiles the dispatch table.
 * @throws ConfigurationError with all mistakes found
 */
export async function assemble<ListenOptions>(
  given: BootstrapOptions,
  { listen, openDocumentRoot }: Hosting<ListenOptions>,
): Promise<Application<ListenOptions>> {
  const problems = problemsOfCopies();
  const report: Report = (problem) => void problems.push(problem);
  const options = withEnvironment(given, report);
  const settings = readSettings(options, report);
  const logger = logOf(settings.logger ?? defaultLog);
  const { features = [] } = settings;
  const middleware = middlewareOf([settings, ...features]);
  await findMistaken(features, report);
  const filters = registerFilters([...features, settings], report);
  const files = orReport(() => openFiles(options, openDocumentRoot), report);
  // What an application provides itself stands in for what its features do.
  const providing = [...features, settings];
  const container = new Container({
    parent: isContainer(options.container) ? options.container : globalContainer,
    providers: [logProvider(logger), ...providing.flatMap(({ providers = [] }) => providers)],
    requestProviders: providing.flatMap(({ requestProviders = [] }) => requestProviders),
  });
  const scanned = await scanAll(options, features, { filters, report });
  const examined = scanned.map((item) => ({
    scanned: item,
    source: container.add(item.controller, item.place),
  }));
  const hasMistakes = (): boolean => problems.length + container.problems.length > 0;
  if (!hasMistakes()) container.build();
  // With mistakes the table is filled all the same, so that one run reports every one of them; nothing is made for it.
  container.isAbandoned = hasMistakes();
  const dispatch = buildTable(examined, { container, report }, files);
  const listed = options.features ?? [];
  const table = fillTable({ dispatch, filters, container, middleware }, features, { report, listed });
  if (hasMistakes()) await giveUp(new ConfigurationError([...problems, ...container.problems]), container);
  for (const { controller } of scanned) bindFilters(controller, filters);
  const warn = logger.warn.bind(logger);
  warnOfOverlaps(dispatch, warn);
  warnOfUnreached(dispatch, warn);
  const resolve: Surroundings['resolve'] = (token) => container.resolve(token);
  const around: Surroundings = { logger, controllers: scanned, table, routes: table.routes, resolve };
  await startAll(features, around).catch((error: unknown) => giveUp(error, container));
  return new Application({
    handler: dispatch.handle,
    recover: dispatch.recover,
    middleware,
    features,
    table,
    container,
    settings,
    listen,
  });
}

interface Scanning {
  readonly filters: FilterRegistry;
  readonly report: Report;
}

/** Reads all classes that answer requests: the application's own, then those of features. */
async function scanAll(
  { controllers }: Pick<BootstrapOptions, 'controllers'>,
  features: readonly Feature[],
  { filters, report }: Scanning,
): Promise<ScannedController[]> {
  const own = await findControllers(controllers, report);
  const classes = new Set([...own, ...features.flatMap((feature) => feature.controllers ?? [])]);
  const planned = features.flatMap((feature) => feature.planned ?? []);
  const isEmpty =
    Array.isArray(controllers) && controllers.length === 0 && classes.size + planned.length === 0;
  if (isEmpty && !features.some(({ routes = [] }) => routes.length > 0))
    report({ code: 'E_CONTROLLER_EMPTY', message: 'bootstrap was given no controllers.' });
  findUnread([...classes], features, report);
  return [
    ...[...classes].flatMap((controller) => scanController(controller, filters, report) ?? []),
    ...planned.flatMap((plan) => scanPlanned(plan, filters, report) ?? []),
  ];
}

/** The application's log, for classes that take it; only where one does, requests keep their ids at hand. */
function logProvider(logger: Log): Provider {
  return { provide: Log, useFactory: () => new CurrentLog(logger) };
}

/** What another major version records and answers means nothing here: better no application than one without its guards. */
function problemsOfCopies(): Problem[] {
  const { own, foreign } = foreignCopies();
  return foreign.map(({ version, place }) => ({
    code: 'E_COPIES',
    message:
      `Obol ${version} of ${place} is loaded beside Obol ${own.version} of ${own.place}: guards, routes and values of one are nothing ` +
      'to the other. Bring both packages to one major version; npm ls obol shows who asks for which.',
  }));
}

/** Disposes what was built already, since an application that does not come to be is never closed. */
async function giveUp(failure: unknown, container: Container): Promise<never> {
  await container.dispose().catch((error: unknown) => {
    if (failure instanceof ConfigurationError) failure.cause = error;
  });
  throw failure;
}

/** The outermost first. */
function middlewareOf(authors: readonly Pick<Feature, 'outermost' | 'middleware'>[]): Middleware[] {
  return [
    ...authors.flatMap(({ outermost = [] }) => outermost),
    ...authors.flatMap(({ middleware = [] }) => middleware),
  ];
}

function openFiles(
  { documentRoot, documentIndex: listing = false, contentTypes }: BootstrapOptions,
  open: Hosting<unknown>['openDocumentRoot'],
): Handler | undefined {
  return documentRoot === undefined ? undefined : open?.(documentRoot, { listing, contentTypes });
}

/** Of two filters of one name the last counts. */
function registerFilters(sources: readonly Pick<Feature, 'filters'>[], report: Report): FilterRegistry {
  const filters = new FilterRegistry();
  for (const [name, filter] of sources.flatMap((source) => Object.entries(source.filters ?? {}))) {
    orReport(() => {
      filters.add(name, filter as PathFilterOptions<unknown>);
    }, report);
  }
  return filters;
}

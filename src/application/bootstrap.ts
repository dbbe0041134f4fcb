/** Puts an application together from annotated controllers, or says everything that is wrong with them. */
import { ConfigurationError, ObolError, type Problem } from '../ground/errors.js';
import { consoleLogger, oneLine } from '../ground/logger.js';
import type { Handler } from '../message/handler.js';
import { FilterRegistry, type PathFilterOptions } from '../routing/filters.js';
import { bindFilters } from './url-for.js';
import { Application, type Listen } from './application.js';
import { Container } from './container.js';
import { startAll } from './feature.js';
import { buildTable, findDuplicates, warnOfOverlaps } from './fill-table.js';
import { findControllers } from './find-controllers.js';
import {
  contributions,
  parentContainer,
  readSettings,
  type AnyPathFilter,
  type BootstrapOptions,
} from './options.js';
import { scanController } from './scan.js';
import { Table } from './table.js';

/** What the host does for an application, which knows neither sockets nor files. */
export interface Hosting<ListenOptions> {
  readonly listen: Listen<ListenOptions>;
  /** A handler of the files in a folder. @throws ObolError when it is none */
  readonly openDocumentRoot?: (root: string, options: { readonly listing: boolean }) => Handler;
}

/**
 * Scans controllers, checks everything, builds the singletons and compiles the dispatch table.
 * @throws ConfigurationError with all mistakes found
 */
export async function assemble<ListenOptions>(
  options: BootstrapOptions,
  { listen, openDocumentRoot }: Hosting<ListenOptions>,
): Promise<Application<ListenOptions>> {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const settings = readSettings(options, report);
  const logger = settings.logger ?? consoleLogger;
  const filters = registerFilters(options.filters ?? {}, report);
  const files = attempt(() => openFiles(options, openDocumentRoot), report);
  const { middleware, ...given } = contributions(options);
  const container = new Container({ parent: parentContainer(options), ...given });
  const classes = await findControllers(options.controllers, report);
  const scanned = classes.map((controller) => scanController(controller, filters, report)).filter(isDefined);
  const ready = scanned.map((item) => ({
    scanned: item,
    source: container.add(item.controller, item.name, item.place),
  }));
  if (problems.length + container.problems.length === 0) container.build();
  if (problems.length + container.problems.length > 0) {
    // Routes are compared all the same, so that one run tells every mistake; nothing is built for it.
    findDuplicates(scanned, report);
    await giveUp(new ConfigurationError([...problems, ...container.problems]), container);
  }
  const table = buildTable(ready, { container, report }, { files });
  if (problems.length > 0) await giveUp(new ConfigurationError(problems), container);
  for (const { controller } of scanned) bindFilters(controller, filters);
  warnOfOverlaps(table, (line) => {
    logger.warn(oneLine(line));
  });
  const { features = [] } = options;
  await startAll(features, { logger }).catch((error: unknown) => giveUp(error, container));
  return new Application({
    handler: table.handle,
    recover: table.recover,
    middleware,
    features,
    table: new Table({ dispatch: table, filters, container }),
    container,
    settings,
    listen,
  });
}

/** Disposes what was built already, since nobody will ever close an application that does not come to be. */
async function giveUp(failure: unknown, container: Container): Promise<never> {
  await container.dispose().catch((error: unknown) => {
    if (failure instanceof ConfigurationError) failure.cause = error;
  });
  throw failure;
}

function openFiles(
  { documentRoot, documentIndex: listing = false }: BootstrapOptions,
  open: Hosting<unknown>['openDocumentRoot'],
): Handler | undefined {
  return documentRoot === undefined ? undefined : open?.(documentRoot, { listing });
}

function registerFilters(
  own: Readonly<Record<string, AnyPathFilter>>,
  report: (problem: Problem) => void,
): FilterRegistry {
  const filters = new FilterRegistry();
  for (const [name, filter] of Object.entries(own)) {
    attempt(() => {
      filters.add(name, filter as PathFilterOptions<unknown>);
    }, report);
  }
  return filters;
}

/** A developer's mistake is reported with all the others. */
function attempt<T>(step: () => T, report: (problem: Problem) => void): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ObolError)) throw error;
    report({ code: error.code, message: error.message });
    return undefined;
  }
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

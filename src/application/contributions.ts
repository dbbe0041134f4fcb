/** What the features of an application bring, beside what it has of its own. */
import type { Request } from '../message/request.js';
import { isClass } from '../metadata/class.js';
import { classRecords, memberRecords } from '../metadata/records.js';
import { memberName } from '../metadata/site.js';
import { providerOf } from '../metadata/provided-by.js';
import { orReport, orReportLater, type Report } from './report.js';
import { identityOf } from './foreign-tokens.js';
import { nameOf } from './dependency-messages.js';
import type { Feature } from './feature.js';
import type { HandlerOptions, TableParts } from './plain-function.js';
import { Table } from './table.js';

/** Reports features that cannot be together, and what they miss. */
export async function findMistaken(features: readonly Feature[], report: Report): Promise<void> {
  for (const feature of features) await orReportLater(async () => feature.verify?.(), report);
  findSameKind(features, report);
  findMissing(features, report);
}

/** Reports features that provide what another provides too: the second would be there for nothing. */
function findSameKind(features: readonly Feature[], report: Report): void {
  const seen = new Set<unknown>();
  for (const feature of features) {
    const provided = tokensOf(feature);
    const second = provided.find((token) => seen.has(identityOf(token)));
    if (second !== undefined) report({ code: 'E_FEATURE', message: sameKind(second) });
    for (const token of provided) seen.add(identityOf(token));
  }
}

function tokensOf({ providers = [], requestProviders = [] }: Feature): unknown[] {
  return [...providers, ...requestProviders].map(({ provide }) => provide);
}

/** Reports what features work with and the application does not have: it would not be started with it, nor closed. */
function findMissing(features: readonly Feature[], report: Report): void {
  const missing = features.flatMap(({ needs = [] }) =>
    needs.filter(({ feature }) => !features.includes(feature)),
  );
  for (const what of new Set(missing.map((need) => need.what))) {
    const message = `A feature needs ${what}, which the application does not have: add that to features, before what uses it.`;
    report({ code: 'E_FEATURE', message });
  }
}

/** Reports decorators that only a feature reads, which the application does not have: of each class the first. */
export function findUnread(classes: readonly unknown[], features: readonly Feature[], report: Report): void {
  const provided = new Set<unknown>(features.flatMap(tokensOf));
  for (const each of classes.filter(isClass)) {
    const unread = [...classRecords(each), ...memberRecords(each)].filter(
      ({ readBy }) => readBy !== undefined && !provided.has(readBy),
    );
    for (const readBy of new Set(unread.map((record) => record.readBy))) {
      const { property, place } = unread.find((record) => record.readBy === readBy) ?? {};
      const message = `What a decorator says here is read by ${String(readBy)}, which the application does not have: add that to features.`;
      report({ code: 'E_FEATURE', message, member: memberName(each, property), place: String(place) });
    }
  }
}

function sameKind(provided: unknown): string {
  const feature = typeof provided === 'function' ? providerOf(provided) : undefined;
  const what = feature === undefined ? '' : `, as ${feature} does`;
  return `Two features provide ${nameOf(provided)}${what}; an application has one of a kind. Leave one out.`;
}

/**
 * The table, with what features answer behind what controllers declare; what is mistaken is reported.
 * @param listed the features as the options list them, for places
 */
export function fillTable(
  given: TableParts,
  features: readonly Feature[],
  { report, listed }: { readonly report: Report; readonly listed: readonly Feature[] },
): Table {
  const parts = { ...given, isFilling: true };
  const table = new Table(parts);
  for (const feature of features)
    fillFrom(feature, table, { report, name: `features[${String(listed.indexOf(feature))}]` });
  parts.isFilling = false;
  return table;
}

function fillFrom(feature: Feature, table: Table, { report, name }: Filling): void {
  const { routes, states, errors, defaults, before, after } = feature;
  const add = ({ place }: Placed, step: () => unknown): void => void orReport(step, report, { place });
  for (const { path, handler, ...more } of placed(routes, `${name}.routes`))
    add(more, () => table.routes.add(path, handler as () => unknown, more));
  for (const { status, handler, ...more } of placed(states, `${name}.states`))
    add(more, () => table.states.add(status, handler, more));
  for (const { errorClass, handler, ...more } of placed(errors, `${name}.errors`))
    add(more, () => table.errors.add(errorClass, handler as (request: Request) => unknown, more));
  for (const { handler, ...more } of placed(defaults, `${name}.defaults`))
    add(more, () => table.defaults.add(handler, more));
  for (const { handler, ...more } of placed(before, `${name}.before`))
    add(more, () => table.before.add(handler, more));
  for (const { handler, ...more } of placed(after, `${name}.after`))
    add(more, () => table.after.add(handler, more));
}

interface Filling {
  readonly report: Report;
  /** Of the feature in the options, such as `features[0]`. */
  readonly name: string;
}

type Placed = Pick<Required<HandlerOptions>, 'place'>;

/** Where nothing else is said, the place is that in the options: what calls `add` is this file, and no place of the author. */
function placed<T extends Pick<HandlerOptions, 'place'>>(
  list: readonly T[] = [],
  name: string,
): (T & Placed)[] {
  return list.map((item, index) => ({ place: `${name}[${String(index)}]`, ...item }));
}

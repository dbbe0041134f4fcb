/** What the features of an application bring, beside what it has of its own. */
import type { Request } from '../message/request.js';
import { classNameOf, isClass } from '../metadata/class.js';
import { classRecords } from '../metadata/records.js';
import { providerOf } from '../metadata/provided-by.js';
import { orReport, type Report } from './report.js';
import { identityOf } from './foreign-tokens.js';
import { nameOf } from './dependency-messages.js';
import type { Feature } from './feature.js';
import type { HandlerOptions } from './plain-function.js';
import type { Table } from './table.js';

/** Reports features that cannot be together, and what they miss. */
export function findMistaken(features: readonly Feature[], report: Report): void {
  for (const feature of features) orReport(() => feature.verify?.(), report);
  findSameKind(features, report);
  findMissing(features, report);
}

/** Reports features that provide what another provides too: the second would be there for nothing. */
function findSameKind(features: readonly Feature[], report: Report): void {
  const seen = new Set<unknown>();
  for (const { providers = [], requestProviders = [] } of features) {
    const provided = [...providers, ...requestProviders].map(({ provide }) => provide);
    const second = provided.find((token) => seen.has(identityOf(token)));
    if (second !== undefined) report({ code: 'E_FEATURE', message: sameKind(second) });
    for (const token of provided) seen.add(identityOf(token));
  }
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

/** Reports decorators of classes that only a feature reads, which the application does not have. */
export function findUnread(classes: readonly unknown[], features: readonly Feature[], report: Report): void {
  const provided = new Set<unknown>(
    features.flatMap(({ providers = [] }) => providers.map(({ provide }) => provide)),
  );
  for (const each of classes.filter(isClass))
    for (const { readBy, place } of classRecords(each)) {
      if (readBy === undefined || provided.has(readBy)) continue;
      const message = `What a decorator says here is read by ${readBy}, which the application does not have: add that to features.`;
      report({ code: 'E_FEATURE', message, member: classNameOf(each), place: place.toString() });
    }
}

function sameKind(provided: unknown): string {
  const feature = typeof provided === 'function' ? providerOf(provided) : undefined;
  const what = feature === undefined ? '' : `, as ${feature} does`;
  return `Two features provide ${nameOf(provided)}${what}; an application has one of a kind. Leave one out.`;
}

/** Puts what a feature answers with into the table; what is mistaken is reported. */
export function fillFrom(feature: Feature, table: Table, report: Report): void {
  const { routes, states, errors, defaults, before, after } = feature;
  const add = ({ place }: Placed, step: () => unknown): void => void orReport(step, report, { place });
  for (const { path, handler, ...more } of placed(routes))
    add(more, () => table.routes.add(path, handler as () => unknown, more));
  for (const { status, handler, ...more } of placed(states))
    add(more, () => table.states.add(status, handler, more));
  for (const { errorClass, handler, ...more } of placed(errors))
    add(more, () => table.errors.add(errorClass, handler as (request: Request) => unknown, more));
  for (const { handler, ...more } of placed(defaults)) add(more, () => table.defaults.add(handler, more));
  for (const { handler, ...more } of placed(before)) add(more, () => table.before.add(handler, more));
  for (const { handler, ...more } of placed(after)) add(more, () => table.after.add(handler, more));
}

type Placed = Pick<Required<HandlerOptions>, 'place'>;

/** Without a place of their own: what calls `add` is this file, and no place of the author. */
function placed<T extends Pick<HandlerOptions, 'place'>>(list: readonly T[] = []): (T & Placed)[] {
  return list.map((item) => ({ place: '', ...item }));
}

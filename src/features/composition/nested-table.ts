/** The tables of handlers that are put together, shown as one with the places of them. */
import type { handlerOf } from '../../kit.js';
import type { MountPoint, Site } from './mount-point.js';

/** A handler, or an object that has one. */
export type HandlerLike = Parameters<typeof handlerOf>[0];

/** A handler and where it stands. */
export interface Placed {
  readonly handler: HandlerLike;
  readonly point?: MountPoint | undefined;
}

/** What an entry of a table may say of its place. */
interface Entry {
  readonly path?: unknown;
  readonly isExpression?: unknown;
  readonly prefix?: unknown;
  readonly base?: unknown;
  readonly host?: unknown;
}

/** Lists by their name, as `routes` of an application. */
type Lists = Readonly<Record<string, readonly unknown[]>>;

/** The tables of several handlers as one: read anew each time, since tables can change. */
export class NestedTable {
  readonly #placed: readonly Placed[];

  constructor(placed: readonly Placed[]) {
    this.#placed = placed;
  }

  /** As plain data: lists as in the table of an application, but for filters, which are read within each. */
  toJSON(): Lists {
    const all: Record<string, unknown[]> = {};
    for (const { handler, point } of this.#placed) {
      for (const [name, list] of Object.entries(handler.table?.toJSON() ?? {})) {
        if (name === 'filters' || !Array.isArray(list)) continue;
        (all[name] ??= []).push(...list.map((entry: Entry) => entryAt(entry, point)));
      }
    }
    return all;
  }
}

/** The same entry, as it is seen from around the mount point. */
function entryAt(entry: Entry, point: MountPoint | undefined): Entry {
  if (!point) return entry;
  const base = point.prefix?.text ?? '';
  const { path, prefix, host = point.site && textOf(point.site) } = entry;
  return {
    ...entry,
    ...(typeof path === 'string' && !entry.isExpression && { path: base + path }),
    ...(typeof prefix === 'string' && { prefix: base + prefix }),
    base: base + (typeof entry.base === 'string' ? entry.base : ''),
    ...(host !== undefined && { host }),
  };
}

function textOf({ scheme, host, port }: Site): string {
  const name = host.includes(':') ? `[${host}]` : host === '' || host.startsWith('.') ? `*${host}` : host;
  return `${scheme && `${scheme}://`}${name}${port && `:${port}`}`;
}

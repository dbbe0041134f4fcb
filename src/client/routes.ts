/** The routes of a controller as a client knows them, and the paths that its calls ask for. */
import { BUILT_IN, TEXT } from '../routing/built-in-filters.js';
import {
  fillParts,
  isReachable,
  namedBy,
  piecesOf,
  type Formatted,
  type Hole,
} from '../routing/template-text.js';
import { textOf } from './input.js';
import { mistake } from './mistake.js';

/** A route, as `obol routes --client` writes it. */
export interface ClientRoute {
  readonly method: string;
  /** The whole template within the application: `/issues/<id:int>`. */
  readonly path: string;
  /** What its JSON body is sent as; `application/json` where it does not say. */
  readonly bodyType?: string;
  /** The statuses that its contract has; any where it has none. */
  readonly statuses?: readonly number[];
  /** Those of them whose answer is a list that comes item by item. */
  readonly each?: readonly number[];
}

/** The routes of a controller by its methods. */
export type ClientRoutes = Readonly<Record<string, readonly ClientRoute[] | undefined>>;

/** A route that a call can be made of. */
export interface CallableRoute extends ClientRoute {
  /** How many values its path takes. */
  readonly parameters: number;
  /** The path, percent-encoded. @throws TypeError, or ObolError, E_URL_PARAMETER */
  fill(values: readonly unknown[]): string;
}

/** Routes that a call can be made of, by the methods of their controller. */
export type CallableRoutes = ReadonlyMap<string, readonly CallableRoute[]>;

/** The routes of a table, whose paths are written with Obol's own filters; values of others as JSON has them. */
export function callableRoutes(routes: ClientRoutes): CallableRoutes {
  return new Map(Object.entries(routes).map(([name, list]) => [name, (list ?? []).map(callable)]));
}

function callable(route: ClientRoute): CallableRoute {
  const parts = piecesOf(route.path, (position) =>
    mistake(
      'E_PATH_TEMPLATE',
      `The path "${route.path}" has a "<" at ${String(position)} that never closes.`,
    ),
  ).map((piece) => (typeof piece === 'string' ? piece : parameterOf(piece)));
  return {
    ...route,
    parameters: parts.filter((part) => typeof part !== 'string').length,
    fill(values) {
      const path = fillParts(parts, values, ({ inside }, value) =>
        cannotFill(route, `${shown(value)} does not fit <${inside}>`),
      );
      if (isReachable(path)) return path;
      throw cannotFill(route, `"${path}" has "//" at its start, a segment "." or "..", or a NUL`);
    },
  };
}

function parameterOf(hole: Hole): Hole & Formatted {
  const { definition } = namedBy(hole);
  const filter = definition === '' ? TEXT : BUILT_IN.find(({ name }) => name === definition);
  return { ...hole, filter: filter ?? (definition.startsWith('re:') ? INLINE : FOREIGN) };
}

/** An inline pattern: its value is the text that it matched. Whether it does, the server says. */
const INLINE: Formatted['filter'] = {
  spans: true,
  format: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

/** A filter of the application. */
const FOREIGN: Formatted['filter'] = {
  spans: false,
  format: (value) => (value === null ? undefined : textOf(value)),
};

function shown(value: unknown): string {
  if (value === undefined) return 'what is missing';
  return typeof value === 'string' ? JSON.stringify(value) : textOf(value);
}

function cannotFill({ path }: ClientRoute, what: string): TypeError {
  return mistake('E_URL_PARAMETER', `No URL can be built for "${path}": ${what}.`);
}

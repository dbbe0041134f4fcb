/** The dispatch table of an application as its author sees it: plain data that can change while the application runs. */
import { defaultInfo, errorInfo, handlerInfo, stateInfo, type TableInfo } from '../dispatch/table-info.js';
import { Filters } from './filters.js';
import { DefaultHandlers, ErrorHandlers, Hooks, StateHandlers } from './handlers.js';
import { nestedLists } from './nested-tables.js';
import type { TableParts } from './plain-function.js';
import { Routes } from './routes.js';

/** Everything that answers a request or looks on. `JSON.stringify` of it says all. */
export class Table {
  readonly routes: Routes;
  readonly states: StateHandlers;
  readonly errors: ErrorHandlers;
  readonly defaults: DefaultHandlers;
  readonly before: Hooks<'before'>;
  readonly after: Hooks<'after'>;
  readonly filters: Filters;
  readonly #parts: TableParts;

  constructor(parts: TableParts) {
    this.#parts = parts;
    this.routes = new Routes(parts);
    this.states = new StateHandlers(parts, 'states', stateInfo);
    this.errors = new ErrorHandlers(parts, 'errors', errorInfo);
    this.defaults = new DefaultHandlers(parts, 'defaults', defaultInfo);
    this.before = new Hooks(parts, 'before', handlerInfo);
    this.after = new Hooks(parts, 'after', handlerInfo);
    this.filters = new Filters(parts);
  }

  /** As plain data. Handlers in the application that have tables of their own are shown too, but for their filters. */
  toJSON(): TableInfo {
    const { routes, states, errors, defaults, before, after, filters } = this;
    const nested = nestedLists(this.#parts);
    return {
      routes: routes.with(nested),
      states: states.with(nested),
      errors: errors.with(nested),
      defaults: defaults.with(nested),
      before: before.with(nested),
      after: after.with(nested),
      filters: filters.own,
    };
  }
}

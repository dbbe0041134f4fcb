/** The dispatch table of an application as its author sees it: plain data that can change while the application runs. */
import { defaultInfo, errorInfo, handlerInfo, stateInfo, type TableInfo } from '../dispatch/table-info.js';
import { Filters } from './filters.js';
import { DefaultHandlers, ErrorHandlers, Hooks, StateHandlers } from './handlers.js';
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

  constructor(parts: TableParts) {
    this.routes = new Routes(parts);
    this.states = new StateHandlers(parts, 'states', stateInfo);
    this.errors = new ErrorHandlers(parts, 'errors', errorInfo);
    this.defaults = new DefaultHandlers(parts, 'defaults', defaultInfo);
    this.before = new Hooks(parts, 'before', handlerInfo);
    this.after = new Hooks(parts, 'after', handlerInfo);
    this.filters = new Filters(parts);
  }

  /** As plain data. */
  toJSON(): TableInfo {
    const { routes, states, errors, defaults, before, after, filters } = this;
    return {
      routes: routes.toJSON(),
      states: states.toJSON(),
      errors: errors.toJSON(),
      defaults: defaults.toJSON(),
      before: before.toJSON(),
      after: after.toJSON(),
      filters: filters.toJSON(),
    };
  }
}

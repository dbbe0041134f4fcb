/** The dispatch table of an application as its author sees it: plain data that can change while the application runs. */
import type { TableInfo } from '../dispatch/table-info.js';
import { DefaultHandlers, ErrorHandlers, StateHandlers } from './answers.js';
import { Filters } from './filters.js';
import { Hooks } from './hooks.js';
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
    this.states = new StateHandlers(parts, 'states');
    this.errors = new ErrorHandlers(parts, 'errors');
    this.defaults = new DefaultHandlers(parts, 'defaults');
    this.before = new Hooks(parts, 'before');
    this.after = new Hooks(parts, 'after');
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

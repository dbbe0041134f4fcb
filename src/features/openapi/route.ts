/** Routes as the application lists them, and what a contract has of each. */
import type { Surroundings } from '../../kit.js';

/** A route of the application, or of one inside it. */
export type Route = ReturnType<Surroundings['routes']['toJSON']>[number];

/** What a client shows to pass guards. */
export type Credentials = NonNullable<Route['credentials']>[number];

/** What a route takes and gives. */
export type Contract = NonNullable<Route['contract']>['contract'];

/** What an answer of one status is: a schema, a schema of items, or nothing. */
export type Entry = NonNullable<
  ReturnType<NonNullable<NonNullable<Route['contract']>['returns']>['get']>
> | null;

/** The names of the handlers that answer with the document itself, which has no place in it. */
export const OWN_HANDLERS = { json: 'openApiJson', yaml: 'openApiYaml', page: 'openApiPage' } as const;

/** Whether a route is to be described: the document itself is not, and for an expression there is no template. */
export function isDescribable({ target, name, isExpression }: Route): boolean {
  const isOwn = target === undefined && (Object.values(OWN_HANDLERS) as string[]).includes(name);
  return !isOwn && !isExpression;
}

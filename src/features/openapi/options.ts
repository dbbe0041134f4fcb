/** The options of `openapi()`, and what they may be. */
import { rule, type createGuard, type Rules, type Schema } from '../../kit.js';
import { DESCRIPTION_RULES, PROBLEMS, type Description } from './describe.js';
import { isJson, type Json } from './json.js';
import type { ProblemKind } from './problems.js';
import type { ToJsonSchema } from './json-schema.js';

/** What a document is about. */
export interface ApiInfo {
  readonly title: string;
  /** That of the API, such as `1.0.0`. */
  readonly version: string;
  readonly description?: string;
  /** Such as `{ name: 'MIT', identifier: 'MIT' }`. */
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
  readonly [more: string]: unknown;
}

/** What a document says besides the routes. */
export interface DocumentOptions {
  readonly info: ApiInfo;
  /** Of OpenAPI. With 3.1 the method QUERY stands as `x-query` beside the other operations, with 3.2 as `query`. Default `3.1`. */
  readonly version?: '3.1' | '3.2' | undefined;
  /** Default the application where it is mounted. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[] | undefined;
  /** What tags are, by name. Default what `@Describe` of the controller says. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The same as `@Describe`, by `Controller.method` or the name of a function, over it. Default none. */
  readonly operations?: Readonly<Record<string, Description>> | undefined;
  /** Names for schemas that have none of their own, as `.meta({ id })` of zod gives them. Default none. */
  readonly schemas?: Readonly<Record<string, Schema>> | undefined;
  /** Security schemes in place of those that guards name, by name. Default none. */
  readonly securitySchemes?: Readonly<Record<string, Json>> | undefined;
  /** What any operation may be refused with: classes that `problemType()` of `obol/errors` made. Default none. */
  readonly problems?: readonly ProblemKind[] | undefined;
  /** JSON Schemas of schemas that do not say it themselves, as those of valibot. Default none. */
  readonly toJsonSchema?: ToJsonSchema | undefined;
}

export interface OpenApiOptions extends DocumentOptions {
  /** What the paths of the document begin with: `.json` and `.yaml` follow. Default `/openapi`. */
  readonly path?: string | undefined;
  /**
   * Where the page is that shows the document; needs the package `swagger-ui-dist`; `false` for none. Default `/docs` where that is
   * installed.
   */
  readonly docs?: string | false | undefined;
  /** Before document and page. Default none: who can reach the application can read it. */
  readonly guards?: readonly ReturnType<ReturnType<typeof createGuard>>[] | undefined;
}

const PATH = /^(?:\/[\w.~-]+)+$/;
const TEXT = rule.text('a text');

function isServer(value: unknown): boolean {
  return isJson(value) && typeof value['url'] === 'string';
}

function byName(right: string, isRight: (value: unknown) => boolean) {
  return rule.that(`${right} by name`, (value) => isJson(value) && Object.values(value).every(isRight));
}

export const RULES: Rules<OpenApiOptions> = {
  info: rule.needed((value, name) => {
    if (!isJson(value)) return `${name}: give { title, version } of the API.`;
    const { title, version } = value as Partial<ApiInfo>;
    return TEXT(title, `${name}.title`) ?? TEXT(version, `${name}.version`);
  }),
  version: rule.oneOf('3.1', '3.2'),
  servers: rule.list('a list of servers', rule.that('a server such as { url }', isServer), 1),
  tags: byName('texts', (value) => typeof value === 'string'),
  operations: (value, name) => {
    if (!isJson(value)) return `${name}: give descriptions by name, such as { 'Notes.add': { summary } }.`;
    const mistakes = Object.entries(value).map(([key, each]) =>
      rule.options(DESCRIPTION_RULES)(each, `${name}[${JSON.stringify(key)}]`),
    );
    return mistakes.filter((mistake) => mistake !== undefined).join('\n') || undefined;
  },
  schemas: byName('schemas', (value) => value !== null && ['object', 'function'].includes(typeof value)),
  securitySchemes: byName('security schemes', isJson),
  problems: PROBLEMS,
  toJsonSchema: rule.callable('(schema, direction) => JSON Schema'),
  path: rule.text('a path such as "/openapi"', PATH),
  docs: rule.orFalse(rule.text('a path such as "/docs"', PATH)),
  guards: rule.list('a list of guards', rule.any),
};

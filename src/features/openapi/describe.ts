/** `@Describe`: what a document says of an operation that no contract says. */
import { checkOptions, MetadataKey, ObolError, rule, type Rules } from '../../kit.js';
import { memberOf, without, type Json } from './json.js';
import { isProblemKind, type ProblemKind } from './problems.js';
import type { Route } from './route.js';

/** What people read about an operation; on a controller, about all of them, and `description` is that of its tag. */
export interface Description {
  /** One line. Default the name of the method in words. */
  readonly summary?: string | undefined;
  /** Text, CommonMark. Default none. */
  readonly description?: string | undefined;
  /** Default the name of the controller. */
  readonly tags?: readonly string[] | undefined;
  /** Name for programs, unique in the application. Default `Controller_method`. */
  readonly operationId?: string | undefined;
  /** Whether clients should use something else. Default false. */
  readonly deprecated?: boolean | undefined;
  /** Whether it is left out of the document. Default false. */
  readonly hidden?: boolean | undefined;
  /** What parameters are, by their names. Default what their schemas say. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** What answers are, by status; one that the contract does not have is added. Default the phrase of the status. */
  readonly responses?: Readonly<Record<number, string>> | undefined;
  /** Examples: of the body as `body`, of answers by status. Default what schemas say. */
  readonly examples?: Readonly<Record<string | number, unknown>> | undefined;
  /** What it may be refused with: classes that `problemType()` of `obol/errors` made. Default Obol's own refusals alone. */
  readonly problems?: readonly ProblemKind[] | undefined;
  /** Media type of answers of success. Default `application/json`, for text `text/html`. */
  readonly produces?: string | undefined;
}

const TEXT = rule.text('a text');
const TEXTS = rule.that('texts by name', areTexts);
const TEXTS_BY_STATUS = rule.that(
  'texts by status, from 100 to 599',
  (value) => areTexts(value) && Object.keys(value as object).every((status) => /^[1-5]\d\d$/.test(status)),
);
/** Of `problems`, wherever they are named. */
export const PROBLEMS = rule.list(
  'a list of classes that problemType() of obol/errors made',
  rule.that('a class that problemType() of obol/errors made', isProblemKind),
);
const MEDIA_TYPE = rule.text('a media type such as "application/json"', /^[\w.+-]+\/[\w.+*-]+/);

/** Of a description, wherever it stands. */
export const DESCRIPTION_RULES: Rules<Description> = {
  ...rule.each(['summary', 'description'], TEXT),
  tags: rule.list('a list of names', TEXT),
  operationId: rule.text('a name of letters, digits, ".", "_" and "-"', /^[\w.-]+$/),
  ...rule.each(['deprecated', 'hidden'], rule.flag),
  parameters: TEXTS,
  responses: TEXTS_BY_STATUS,
  problems: PROBLEMS,
  examples: rule.that('examples by name, of what JSON has', areExamples),
  produces: MEDIA_TYPE,
};

const DESCRIPTION = new MetadataKey<Description>('obol.describe');

/** `@Describe({ summary: 'One note', deprecated: true })` says more of an operation, or of all of a controller. */
export function Describe(description: Description): ReturnType<typeof DESCRIPTION.decorator> {
  return DESCRIPTION.decorator(description, Describe);
}

/** All that is said of a route; what stands nearest to it wins. @throws ObolError E_SETTING for a wrong description */
export function descriptionOf(route: Route, byName: Readonly<Record<string, Description>>): Description {
  const { target, property, name } = route;
  const given = memberOf(byName, name);
  if (target === undefined) return given ?? {};
  const shared = without(descriptionOfClass(route), 'summary', 'description', 'operationId');
  const own = DESCRIPTION.ofMembers(target)
    .filter((record) => record.property === property && record.isStatic !== true)
    .map(({ value }) => checked(value, `@Describe of ${name}`));
  return Object.assign({}, shared, ...own, given) as Description;
}

/**
 * Whether descriptions by name are all of handlers there are.
 * @throws ObolError E_SETTING for others, with the nearest name, and the place of its handler
 */
export function assertNames(routes: readonly Route[], byName: Readonly<Record<string, Description>>): void {
  const isName = rule.nameOf(
    'the name of a handler',
    routes.map(({ name }) => name),
  );
  const mistakes = Object.keys(byName).flatMap((name) => {
    const mistake = isName(name, 'openapi.operations');
    return mistake === undefined ? [] : mistake + whereIs(routes, mistake);
  });
  if (mistakes.length > 0) throw new ObolError('E_SETTING', mistakes.join('\n'));
}

function whereIs(routes: readonly Route[], mistake: string): string {
  const near = routes.find(({ name }) => mistake.endsWith(` Did you mean "${name}"?`));
  if (near) return near.place === '' ? '' : ` (${near.place})`;
  return ' Names are Controller.method, or that of a function, as app.routes lists them when the application is bootstrapped.';
}

/** What stands on a controller; nothing for a plain function. */
export function descriptionOfClass({ target, controller }: Route): Description {
  const own = target
    ? DESCRIPTION.ofClass(target).map(({ value }) => checked(value, `@Describe of ${controller}`))
    : [];
  return Object.assign({}, ...own) as Description;
}

function areExamples(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

function areTexts(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function checked(description: Description, name: string): Description {
  checkOptions(name, description, DESCRIPTION_RULES);
  return description;
}

/** The example of one place, as a member to add. */
export function exampleOf({ examples }: Description, name: string | number): Json {
  const example = memberOf(examples, name);
  return example === undefined ? {} : { example };
}

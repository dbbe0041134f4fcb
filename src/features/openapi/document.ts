/** The document of an application: its routes in the words of OpenAPI. */
import { ObolError } from '../../kit.js';
import { descriptionOf, descriptionOfClass, type Description } from './describe.js';
import { isJson, memberOf, present, sorted, type Json } from './json.js';
import { operationIds } from './operation-ids.js';
import type { DocumentOptions } from './options.js';
import { parametersOf } from './parameters.js';
import { documentPath, shapeOf, type DocumentPath } from './paths.js';
import { requestBody } from './request-body.js';
import { Refusals, responsesOf } from './responses.js';
import { isDescribable, type Route } from './route.js';
import { SchemaStore } from './schema-store.js';
import { SecuritySchemes } from './security.js';

/** A document, and what has no place in it. */
export interface Written {
  readonly document: Json;
  /** Operations whose paths differ from that of another one only in what filters let through, as `GET /notes/<name>`. */
  readonly omitted: readonly string[];
}

/** One operation, found. */
interface Found {
  readonly route: Route;
  readonly path: DocumentPath;
  /** Where it stands. */
  readonly place: DocumentPath;
  /** In lower case. */
  readonly method: string;
  readonly description: Description;
}

const VERSIONS = { '3.1': '3.1.1', '3.2': '3.2.0' } as const;

/**
 * Writes a document: the same text for the same routes, in whatever order they were found.
 * @throws ObolError E_SETTING for schemas that do not say what they are, and for wrong descriptions
 */
export function writeDocument(routes: readonly Route[], options: DocumentOptions): Written {
  const { version = '3.1', info, servers = [{ url: '/' }] } = options;
  const { found, omitted } = findOperations(routes, options.operations ?? {});
  const writer = new OperationWriter(options);
  const ids = operationIds(
    found.map(({ route: { controller, handler }, method, place, description }) => ({
      controller,
      handler,
      method,
      path: place.text,
      given: description.operationId,
    })),
  );
  const paths: Record<string, Record<string, Json>> = {};
  found.forEach((operation, index) => {
    const { method, place } = operation;
    const name = method === 'query' && version === '3.1' ? 'x-query' : method;
    (paths[place.text] ??= {})[name] = writer.write(operation, ids[index] ?? '');
  });
  const { part, components } = writer.finish(paths);
  const tags = tagsOf(found, options.tags ?? {});
  const document = { openapi: VERSIONS[version], info, servers, tags, paths: part, components };
  return { document: asJson({ ...document, ...(tags.length === 0 && { tags: undefined }) }), omitted };
}

/** What JSON has of it, so that JSON and YAML say the same. @throws ObolError E_SETTING for what JSON has no place for */
function asJson(document: Json): Json {
  try {
    return JSON.parse(JSON.stringify(document)) as Json;
  } catch (cause) {
    throw new ObolError('E_SETTING', `openapi: what it was given to write is no JSON: ${String(cause)}`, {
      cause,
    });
  }
}

/** All operations by path and method; of two whose paths are the same to a document, the first. */
function findOperations(
  routes: readonly Route[],
  byName: Readonly<Record<string, Description>>,
): { found: Found[]; omitted: string[] } {
  const places = new Map<string, DocumentPath>();
  const found = new Map<string, Found>();
  const omitted: string[] = [];
  for (const route of routes.filter(isDescribable)) {
    const description = descriptionOf(route, byName);
    if (description.hidden) continue;
    const path = documentPath(route);
    const shape = shapeOf(path);
    const place = places.get(shape) ?? path;
    places.set(shape, place);
    for (const method of methodsOf(route)) {
      const key = `${shape} ${method}`;
      if (found.has(key)) omitted.push(`${method.toUpperCase()} ${route.path}`);
      else found.set(key, { route, path, place, method, description });
    }
  }
  const inOrder = [...found.values()].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  return { found: inOrder, omitted };
}

function orderOf({ place, method }: Found): string {
  return `${place.text} ${method}`;
}

/** HEAD that comes with GET needs no place. */
function methodsOf({ methods }: Route): string[] {
  return methods
    .filter((method) => method !== 'HEAD' || !methods.includes('GET'))
    .map((method) => method.toLowerCase());
}

function tagsOf(found: readonly Found[], texts: Readonly<Record<string, string>>): readonly Json[] {
  const tags = new Map<string, string | undefined>();
  for (const { route, description } of found)
    for (const name of operationTags(route, description)) {
      const { description: text, tags: [main] = [route.controller] } = descriptionOfClass(route);
      const own = name === main ? text : undefined;
      tags.set(name, memberOf(texts, name) ?? tags.get(name) ?? own);
    }
  return Object.entries(sorted(tags)).map(([name, description]) => present({ name, description }));
}

function operationTags({ controller }: Route, { tags }: Description): readonly string[] {
  return tags ?? (controller === '' ? [] : [controller]);
}

/** Writes operations, and gathers what they have in common. */
class OperationWriter {
  readonly #store: SchemaStore;
  readonly #refusals: Refusals;
  readonly #security: SecuritySchemes;

  constructor({ schemas, toJsonSchema, securitySchemes, problems }: DocumentOptions) {
    this.#store = new SchemaStore(schemas, toJsonSchema);
    this.#refusals = new Refusals(this.#store, problems);
    this.#security = new SecuritySchemes(securitySchemes);
  }

  write({ route, path, place, method, description }: Found, operationId: string): Json {
    const store = this.#store;
    const contract = route.contract?.contract;
    const shared = { description, store, hint: operationId };
    const names = place.parameters.map(({ name }) => name);
    const parameters = parametersOf({ ...shared, path, names, contract });
    const tags = operationTags(route, description);
    return present({
      operationId,
      tags: tags.length > 0 ? tags : undefined,
      summary: description.summary ?? summaryOf(route, method),
      description: description.description,
      deprecated: description.deprecated === true ? true : undefined,
      servers: serversOf(route),
      parameters: parameters.length > 0 ? parameters : undefined,
      requestBody: contract && requestBody(contract, description, shared),
      responses: responsesOf({ ...shared, route, refusals: this.#refusals }),
      security: this.#security.requirements(route.credentials ?? []),
      // So that one that is gone is seen, even where another asks for the same.
      'x-guards': route.guards.length > 0 ? route.guards : undefined,
    });
  }

  /** The paths with the names of what they refer to, and what that is. */
  finish(paths: Json): { readonly part: Json; readonly components: Json | undefined } {
    const inOrder = { paths: sorted(Object.entries(paths)), responses: sorted(this.#refusals.used) };
    const { part, schemas } = this.#store.finish(inOrder);
    const { responses } = part;
    const all = { schemas, responses, securitySchemes: this.#security.all };
    const used = Object.entries(all).filter(([, each]) => isJson(each) && Object.keys(each).length > 0);
    return {
      part: part['paths'] as Json,
      components: used.length > 0 ? Object.fromEntries(used) : undefined,
    };
  }
}

/** The name of a method in words: `addComment` is "Add comment". */
function summaryOf({ handler, path }: Route, method: string): string {
  if (handler === 'anonymous') return `${method.toUpperCase()} ${path}`;
  const words = handler
    .replace(/_+/g, ' ')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where a route that answers for one host is. */
function serversOf({ host = '' }: Route): readonly Json[] | undefined {
  if (host === '' || host.startsWith('*')) return undefined;
  return [{ url: host.includes('//') ? host : `//${host}` }];
}

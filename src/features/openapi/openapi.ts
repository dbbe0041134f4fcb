/** `openapi()`: the document of an application, at `/openapi.json` and `/openapi.yaml`. */
import { checkOptions, Response, type Feature, type Request } from '../../kit.js';
import { ApiDocument } from './api-document.js';
import { pageFolder, pageRoutes } from './page.js';
import { RULES, type OpenApiOptions } from './options.js';
import { OWN_HANDLERS } from './route.js';

/** Under which the document of an application is found, by any copy of Obol. */
export const API_DOCUMENT = Symbol.for('obol: features: [openapi({ info })]');

/** The feature, and the document by itself. */
export interface OpenApi extends Feature {
  /** That of the application that it belongs to. */
  readonly document: ApiDocument;
}

/**
 * Describes an application by OpenAPI: paths, parameters, bodies and answers come from its routes and their contracts, what
 * clients must show from guards, words from `@Describe`.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [openapi({ info: { title: 'Notes', version: '1.0.0' } })] });
 * ```
 * @throws ObolError E_SETTING for a wrong option, E_PACKAGE for `docs` without swagger-ui-dist
 */
export function openapi(options: OpenApiOptions): OpenApi {
  checkOptions('openapi', options, RULES);
  const { path = '/openapi', docs = pageFolder() ? '/docs' : false, guards = [], ...rest } = options;
  const document = new ApiDocument(rest);
  const handlers = {
    [OWN_HANDLERS.json]: ({ baseUrl }: Request) =>
      answer(JSON.stringify(document.toJSON(baseUrl)), 'application/json'),
    [OWN_HANDLERS.yaml]: ({ baseUrl }: Request) => answer(document.toYaml(baseUrl), 'application/yaml'),
  };
  const { info, servers = [] } = rest;
  const origins = servers.flatMap(({ url }) => (URL.canParse(url) ? new URL(url).origin : []));
  const pages =
    docs === false ? [] : pageRoutes({ title: info.title, path: docs, document: `${path}.json`, origins });
  return {
    document,
    routes: [
      { path: `${path}.json`, handler: handlers.openApiJson, guards },
      { path: `${path}.yaml`, handler: handlers.openApiYaml, guards },
      ...pages.map((page) => ({ ...page, guards })),
    ],
    providers: [{ provide: API_DOCUMENT, useValue: document }],
    start: (surroundings) => {
      document.start(surroundings);
    },
  };
}

function answer(text: string, contentType: string): Response {
  return new Response(text, { contentType, headers: { 'Cache-Control': 'no-cache' } }).addEtag();
}

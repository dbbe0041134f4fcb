/** `openapiDocument()`: requests and answers are judged by a document that people have written. */
import {
  ContextKey,
  JsonResponse,
  ObolError,
  requestName,
  ResponseError,
  type Feature,
  type Request,
} from '../../../kit.js';
import { isJson, memberOf, type Json } from '../json.js';
import { readDocument } from './document-file.js';
import { Misfit, Operation } from './operations.js';
import { assertEnds, resolved } from './references.js';
import { Validators } from './validators.js';
import { WrittenPath } from './written-path.js';

type Paths = readonly WrittenPath<Operation>[];

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * Judges by a document that people have written, JSON or YAML, OpenAPI 3.0 or 3.1: a request that it refuses is answered with 400 and
 * JSON `{ "error": ... }` before its handler; one that passes is in `req.api`, its parameters converted. A path or a method that
 * the document does not know passes on. An answer that it refuses is logged, and sent all the same. Needs the packages `ajv` and
 * `ajv-formats`, for YAML `yaml`.
 * @param file of the document, relative to the working directory
 * @throws ObolError E_SETTING for what is no document, E_PACKAGE when a package is not installed
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [openapiDocument(new URL('openapi.json', import.meta.url))] });
 * ```
 */
export function openapiDocument(file: string | URL): Feature {
  const paths = attempted(file, pathsOf);
  /** The operation that a request was found good by; other documents of the application have their own. */
  const key = new ContextKey<Operation>('obol.openapi-operation', { ofApplication: true });
  return {
    before: [
      {
        handler: async (request) => {
          const operation = await judgeRequest(request, paths);
          if (operation) request.set(key, operation);
        },
      },
    ],
    after: [
      {
        handler: (request, response) => {
          const refusal = request.get(key)?.refusal(response);
          if (refusal !== undefined) request.log.error(`${requestName(request)}: ${refusal}`);
        },
      },
    ],
  };
}

/** What is made of the document. @throws ObolError E_SETTING for schemas, parameters and references that are none */
function attempted<T>(file: string | URL, make: (document: Json) => T): T {
  const document = readDocument(file);
  try {
    return make(document);
  } catch (cause) {
    if (cause instanceof ObolError) throw cause;
    throw new ObolError(
      'E_SETTING',
      `openapiDocument: ${String(file)} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** @returns the operation that it fits; undefined for what the document does not know. @throws ResponseError */
async function judgeRequest(request: Request, paths: Paths): Promise<Operation | undefined> {
  const found = find(request, paths);
  if (!found) return undefined;
  try {
    request.api = await found.operation.validate(request, found.values);
    return found.operation;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new ResponseError(new JsonResponse({ error: error.message }, { status: 400 }));
  }
}

function find(
  { method, path }: Request,
  paths: Paths,
): { operation: Operation; values: Readonly<Record<string, string>> } | undefined {
  for (const written of paths) {
    const { operations } = written;
    const operation = operations.get(method) ?? (method === 'HEAD' ? operations.get('GET') : undefined);
    const values = operation && written.match(path);
    if (values) return { operation, values };
  }
  return undefined;
}

/** Those without parameters first (OpenAPI 3.1.1, 4.8.8.2). */
function pathsOf(document: Json): Paths {
  assertEnds(document);
  const validators = new Validators(document);
  const bases = basesOf(document);
  const entries = Object.entries(document['paths'] as Json);
  const paths = entries.flatMap(([path, item]) => {
    const { parameters, ...members } = resolved(item, document);
    const operations = METHODS.flatMap((method) => {
      const operation = members[method] ?? (method === 'query' ? members['x-query'] : undefined);
      if (!isJson(operation)) return [];
      const place = `${method.toUpperCase()} ${path}`;
      return [
        [
          method.toUpperCase(),
          new Operation(operation, { place, parameters, document, validators }),
        ] as const,
      ];
    });
    return bases.map((base) => new WrittenPath(base + path, new Map(operations)));
  });
  return paths.sort((one, other) => one.names.length - other.names.length);
}

/**
 * What may stand before the paths: what servers have there (`https://notes.example/v1`), and nothing, for applications that are
 * mounted or behind a proxy that takes it away.
 */
function basesOf({ servers }: Json): string[] {
  const all = Array.isArray(servers) ? servers.filter(isJson).map(basePathOf) : [];
  return [...new Set(['', ...all])];
}

function basePathOf({ url, variables }: Json): string {
  const whole = String(url).replace(/\{([^{}]*)\}/g, (hole, name: string) => {
    const variable = isJson(variables) ? memberOf(variables, name) : undefined;
    return isJson(variable) ? String(variable['default']) : hole;
  });
  const path = whole.replace(/^(?:[\w+.-]+:)?\/\/[^/]*/, '').replace(/[?#].*$|\/+$/, '');
  return path.startsWith('/') ? path : '';
}

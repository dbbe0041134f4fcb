/** The document of an application as it is at this moment, as JSON and as YAML. */
import type { Logger, Surroundings } from '../../kit.js';
import { assertNames } from './describe.js';
import type { Json } from './json.js';
import { writeDocument } from './document.js';
import type { DocumentOptions } from './options.js';
import type { Route } from './route.js';
import { toYaml } from './yaml.js';

/** What of routes a document depends on. */
function isSame(one: Route, other: Route | undefined): boolean {
  return (
    one.contract === other?.contract &&
    one.target === other?.target &&
    JSON.stringify(one) === JSON.stringify(other)
  );
}

/** A document that follows the routes of its application. */
export class ApiDocument {
  readonly #options: DocumentOptions;
  #routes: Surroundings['routes'] | undefined;
  #logger: Logger | undefined;
  /** What the document was written from. */
  #written: readonly Route[] | undefined;
  #document: Json = {};

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  /** Writes it for the first time. @throws ObolError E_SETTING */
  start({ routes, logger }: Pick<Surroundings, 'routes' | 'logger'>): void {
    this.#routes = routes;
    this.#logger = logger;
    assertNames(routes.toJSON(), this.#options.operations ?? {});
    this.toJSON();
  }

  /**
   * The document.
   * @param base path of the mounts around the application, percent-encoded, for the server that it names
   * @throws ObolError E_SETTING for routes that were added since, and cannot be described
   */
  toJSON(base = ''): Json {
    const routes = this.#routes?.toJSON() ?? [];
    if (
      routes.length !== this.#written?.length ||
      !routes.every((route, at) => isSame(route, this.#written?.[at]))
    )
      this.#write(routes);
    return base === '' || this.#options.servers
      ? this.#document
      : { ...this.#document, servers: [{ url: base }] };
  }

  /** The same as YAML. */
  toYaml(base = ''): string {
    return toYaml(this.toJSON(base));
  }

  #write(routes: readonly Route[]): void {
    const { document, omitted } = writeDocument(routes, this.#options);
    this.#document = document;
    this.#written = routes;
    if (omitted.length > 0)
      this.#logger?.info?.(
        `The OpenAPI document has no ${omitted.join(' and no ')}: other operations have the same path, but for filters.`,
      );
  }
}

/** `@ErrorDocument`: error documents of what lies below a controller. */
import { assertSetting, MetadataKey, ObolError, rule, type Surroundings } from '../../kit.js';

/** A page that stands for a status. */
export interface Document {
  readonly status: number;
  readonly url: string;
}

/** What bootstrap asks for where the decorator is used: a provider of errorDocuments(). */
export const DOCUMENTS = 'errorDocuments()';

const DOCUMENT = new MetadataKey<Document>('obol.error-document', { readBy: DOCUMENTS });

const PAGE = rule.text('a path of the application such as "/errors/404"', /^\/(?!\/)/);

/**
 * A page of the application for answers of this status to what lies below the prefix of the controller, as `errorDocuments()` has
 * them for the whole application: that must be among its features. The nearest prefix counts.
 * @param url a path of the application, such as `/errors/404`
 * @throws ObolError E_STATUS for what is no status of an error, E_SETTING for what is no path
 */
export function ErrorDocument(status: number, url: string): ReturnType<typeof DOCUMENT.classDecorator> {
  return DOCUMENT.classDecorator(checkedDocument('@ErrorDocument', status, url), ErrorDocument);
}

/** @throws ObolError E_STATUS, E_SETTING */
export function checkedDocument(taker: string, status: number, url: string): Document {
  if (!isErrorStatus(status))
    throw new ObolError(
      'E_STATUS',
      `${taker}: ${String(status)} is no status of an error; use one from 400 to 599.`,
    );
  assertSetting(`${taker}: ${String(status)}`, url, PAGE);
  return { status, url };
}

export function isErrorStatus(status: unknown): boolean {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
}

/** The documents of controllers, nearest first. */
export class ScopedDocuments {
  readonly #documents;

  constructor(controllers: Surroundings['controllers']) {
    this.#documents = controllers
      .flatMap(({ controller, prefix }) =>
        DOCUMENT.ofClass(controller).map(({ value }) => ({ ...value, prefix })),
      )
      .sort((a, b) => (b.prefix?.depth ?? 0) - (a.prefix?.depth ?? 0));
  }

  /** The page for a status below a path; undefined for none. */
  find(wanted: number, path: string): string | undefined {
    return this.#documents.find(({ status, prefix }) => status === wanted && (prefix?.covers(path) ?? true))
      ?.url;
  }
}

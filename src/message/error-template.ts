/** How an application may show errors in its own way. */

/** What an error page has to say; every text is safe inside HTML already. */
export interface ErrorContent {
  readonly status: number;
  /** Such as `404 - Not Found`. */
  readonly title: string;
  /** One sentence. */
  readonly detail: string;
  /** Method and target of the request. */
  readonly asked: string;
  /** Where a link leads home: the first page of the application, or of the site for whom is there already. */
  readonly home: string;
  /** The text of a crash in debug mode, else `''`. */
  readonly debug: string;
  /** The id of the request, as in log and header, where `obol/request-id` gives it one, else `''`. */
  readonly requestId: string;
  /** For scripts and styles in the page: `<script nonce="...">` runs under the application's policy. Made when it is read. */
  readonly nonce: string;
}

/** What a client gets that names no type it likes: a JSON problem (RFC 9457), a page, or text. */
export type ErrorPageFormat = 'problem' | 'html' | 'text';

/** Makes the HTML page of an error that no `@HttpState` handler answers. */
export type ErrorTemplate = (content: ErrorContent) => string;

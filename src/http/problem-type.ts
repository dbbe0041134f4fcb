/** `problemType()`: an error of a kind of its own, which clients know by a URI (RFC 9457 3.1.1, 4). */
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import { HttpError, type HttpErrorOptions } from './http-error.js';

/** What clients may know of a kind of problem. */
export interface ProblemTypeOptions {
  /** A URI, best one at which people can read about it; relative ones are resolved against what was asked. */
  readonly type: string;
  /** A few words, the same each time. */
  readonly title: string;
  /** From 400 to 599. */
  readonly status: number;
  /** Text for the OpenAPI document, CommonMark. Default none. */
  readonly description?: string | undefined;
}

/** A class of errors, with what is known of all of them. */
export interface ProblemType extends ProblemTypeOptions {
  /**
   * @param detail what clients read of this one, for 500 and above too; default the title
   * @param options `members` stand in the JSON problem beside type and title
   */
  new (detail?: string, options?: HttpErrorOptions): HttpError;
}

const RULES: Rules<ProblemTypeOptions> = {
  type: rule.needed(
    rule.text('a URI such as "https://example.com/problems/out-of-stock"', /^[!#$%&'()*+,\-./:;=?@\w~[\]]+$/),
  ),
  title: rule.needed(rule.text('a few words such as "Out of stock"')),
  status: rule.needed(rule.whole('', { least: 400, most: 599 })),
  description: rule.text('a text'),
};

/**
 * A class of errors to throw: `title` and `type` stand in the JSON problem, `@ErrorHandler` knows it, and the OpenAPI document lists it
 * where `@Describe({ problems })` or `openapi({ problems })` name it.
 *
 * @example
 * ```ts
 * const OutOfStock = problemType({ type: 'https://example.com/problems/out-of-stock', title: 'Out of stock', status: 409 });
 * throw new OutOfStock('Three are left', { members: { left: 3 } });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function problemType(about: ProblemTypeOptions): ProblemType {
  checkOptions('problemType', about, RULES);
  const { type, title, status, description } = about;
  return class extends HttpError {
    static override readonly name: string = nameOf(title);
    static readonly type: string = type;
    static readonly title: string = title;
    static readonly status: number = status;
    static readonly description: string | undefined = description;

    constructor(detail: string = title, options?: HttpErrorOptions) {
      super(status, detail, { expose: true, ...options, members: { ...options?.members, type, title } });
    }
  };
}

/** "Out of stock" is `OutOfStock`, as classes are called. */
function nameOf(title: string): string {
  return title.replace(/(?:^|[^\p{L}\p{N}]+)(\p{L}|\p{N}|$)/gu, (_, letter: string) => letter.toUpperCase());
}

/** Small parts of sentences, for messages. */

/** The noun behind its article, as in `a Map`, `an Error`, `a URL`, `an HttpError`. */
export function withArticle(noun: string): string {
  return /^(?:[aeio]|un|Http)/i.test(noun) && !/^(?:uni|one)/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** What kind a value is, in words: `null`, `a string`, `an Error`; `an object` where it has no class. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return withArticle(typeof value);
  const { constructor: known } = value as { readonly constructor?: unknown };
  const name = typeof known === 'function' ? known.name : '';
  return name === '' || name === 'Object' ? 'an object' : withArticle(name);
}

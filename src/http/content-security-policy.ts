/** Content-Security-Policy with a nonce (https://www.w3.org/TR/CSP3/). */

/** What inline scripts and styles are judged by: the first of these that a policy has, or else `default-src`. */
const KINDS = [
  ['script-src-elem', 'script-src'],
  ['style-src-elem', 'style-src'],
] as const;

type Directive = readonly [name: string, ...sources: string[]];

/**
 * The value of the field, by which scripts and styles that have this nonce run besides. A directive that lets all inline code
 * run stays as it is, since a nonce would end that; so does a policy that has no rule for scripts or styles.
 */
export function withNonce(value: string, nonce: string): string {
  const source = `'nonce-${nonce}'`;
  return value
    .split(',')
    .map((policy) => textOf(KINDS.reduce((list, kind) => allowed(list, kind, source), parse(policy))))
    .join(', ');
}

function parse(policy: string): Directive[] {
  const texts = policy.split(';').map((text) => text.trim());
  return texts.filter((text) => text !== '').map((text) => text.split(/\s+/) as [string, ...string[]]);
}

function textOf(directives: readonly Directive[]): string {
  return directives.map((directive) => directive.join(' ')).join('; ');
}

/** The directives, by which inline code of a kind runs where it has the nonce. */
function allowed(directives: Directive[], kind: readonly [string, string], source: string): Directive[] {
  const names = directives.map(([name]) => name.toLowerCase());
  const isOfKind = (name: string): boolean => kind.includes(name.toLowerCase());
  if (names.some(isOfKind))
    return directives.map((each) => (isOfKind(each[0]) ? including(each, source) : each));
  const fallback = directives[names.indexOf('default-src')];
  if (!fallback || letsInlineRun(fallback)) return directives;
  const [, ...sources] = fallback;
  return [...directives, including([kind[1], ...sources], source)];
}

function including(directive: Directive, source: string): Directive {
  if (letsInlineRun(directive)) return directive;
  const [name, ...sources] = directive;
  return [name, ...sources.filter((each) => each.toLowerCase() !== "'none'"), source];
}

/** What browsers ignore beside a nonce, a hash or `'strict-dynamic'` does not count. */
function letsInlineRun([, ...sources]: Directive): boolean {
  const isStrict = sources.some((source) => /^'(?:nonce-|sha\d{3}-|strict-dynamic')/i.test(source));
  return !isStrict && sources.some((source) => source.toLowerCase() === "'unsafe-inline'");
}

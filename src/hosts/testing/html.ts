/** HTML as a tree, read as browsers read it. */
import { loadPackage } from './optional-package.js';

/** An element, a text, or the document; as parse5 makes them. */
export interface HtmlNode {
  readonly nodeName: string;
  readonly tagName?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly HtmlNode[];
  readonly parentNode?: HtmlNode | null;
  /** Of a text. */
  readonly value?: string;
}

/** @throws ObolError E_PACKAGE, as a rejection, when parse5 is not installed */
export async function parseHtml(html: string): Promise<HtmlNode> {
  const { parse } = await loadPackage<{ readonly parse: (html: string) => HtmlNode }>(
    'parse5',
    'TestResponse.page()',
  );
  return parse(html);
}

/** What a checker finds wrong in a page, one line each. @throws ObolError E_PACKAGE, as a rejection, without html-validate */
export async function htmlMistakes(html: string): Promise<string[]> {
  const { HtmlValidate } = await loadPackage<HtmlValidatePackage>('html-validate', 'Page.mistakes()');
  const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
  return report.results.flatMap(({ messages }) =>
    messages.map(
      ({ line, column, message, ruleId }) => `${String(line)}:${String(column)} ${message} (${ruleId})`,
    ),
  );
}

interface HtmlValidatePackage {
  readonly HtmlValidate: new (config: object) => {
    validateString(html: string): Promise<{
      readonly results: readonly { readonly messages: readonly Message[] }[];
    }>;
  };
}

interface Message {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly ruleId: string;
}

/** Every element below a node, in the order of the document. */
export function* elementsOf(node: HtmlNode): Generator<HtmlNode> {
  for (const child of node.childNodes ?? []) {
    if (child.tagName !== undefined) yield child;
    yield* elementsOf(child);
  }
}

/** The elements around a node, nearest first. */
export function* around(node: HtmlNode): Generator<HtmlNode> {
  for (let outer = node.parentNode; outer; outer = outer.parentNode) yield outer;
}

/** The value of an attribute; undefined when it is not there. */
export function attribute(node: HtmlNode, name: string): string | undefined {
  return node.attrs?.find((each) => each.name === name)?.value;
}

export function hasAttribute(node: HtmlNode, name: string): boolean {
  return attribute(node, name) !== undefined;
}

const UNSEEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'head']);

/** Elements that do not stand apart from the text around them. */
const INLINE =
  /^(?:a|abbr|b|bdi|bdo|cite|code|data|dfn|em|font|i|ins|del|kbd|label|mark|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr)$/;

/** The text that is seen, with white space as one blank. */
export function visibleText(node: HtmlNode): string {
  return textWith(node, ({ nodeName }) =>
    UNSEEN.has(nodeName) ? undefined : INLINE.test(nodeName) ? '' : ' ',
  )
    .replace(/\s+/g, ' ')
    .trim();
}

/** All text below a node, as it stands there. */
export function rawText(node: HtmlNode): string {
  return textWith(node, () => '');
}

/** @param edge what an element is set off with; undefined for one that is left out */
function textWith(node: HtmlNode, edge: (element: HtmlNode) => string | undefined): string {
  if (node.value !== undefined) return node.value;
  const set = edge(node);
  if (set === undefined) return '';
  return set + (node.childNodes ?? []).map((child) => textWith(child, edge)).join('') + set;
}

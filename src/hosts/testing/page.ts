/** A page as its reader sees it: links to follow, forms to fill in. */
import {
  attribute,
  elementsOf,
  hasAttribute,
  htmlMistakes,
  parseHtml,
  visibleText,
  type HtmlNode,
} from './html.js';
import { formOf, isSubmitButton, labelOf } from './page-controls.js';
import { PageForm, type Browsing } from './page-form.js';
import { urlOf } from './url.js';

/** A link on a page. */
export interface PageLink {
  /** What is read, white space as one blank; of an image what stands for it. */
  readonly text: string;
  /** As it is written. */
  readonly href: string;
  /** As a whole. */
  readonly url: string;
}

/** What can be clicked. */
interface Target<R> {
  readonly text: string;
  click(): Promise<R>;
}

/** One HTML page, as the response brought it; no script of it is run. */
export class Page<R = unknown> {
  readonly #html: string;
  readonly #document: HtmlNode;
  readonly #browsing: Browsing<R>;
  /** Each keeps what was entered. */
  readonly #forms: ReadonlyMap<HtmlNode, PageForm<R>>;

  /** For responses. */
  constructor(html: string, document: HtmlNode, browsing: Browsing<R>) {
    this.#html = html;
    this.#document = document;
    this.#browsing = browsing;
    const nodes = this.#elements().filter(({ tagName }) => tagName === 'form');
    this.#forms = new Map(nodes.map((node) => [node, new PageForm(node, document, browsing)]));
  }

  /** The whole URL it came from. */
  get url(): string {
    return this.#browsing.url.href;
  }

  /** `''` for none. */
  get title(): string {
    const title = this.#elements().find(({ tagName }) => tagName === 'title');
    return title ? visibleText(title) : '';
  }

  /** All that is read on it, white space as one blank. */
  get text(): string {
    return visibleText(this.#document);
  }

  get links(): PageLink[] {
    return this.#linkNodes().map((node) => this.#linkOf(node));
  }

  get forms(): PageForm<R>[] {
    return [...this.#forms.values()];
  }

  /**
   * A form.
   * @param which its id, its name or its place, from 0; default the only one
   * @throws Error when there is none, or several and none was named
   */
  form(which?: string | number): PageForm<R> {
    const isNamed = ({ id, name }: PageForm<R>, index: number): boolean =>
      which === undefined || which === index || which === id || which === name;
    const [form, second] = this.forms.filter(isNamed);
    if (form && !second) return form;
    const names = this.forms.map(({ id, name }, index) => id || name || String(index));
    throw new Error(
      `The page has ${form ? 'several forms' : 'no such form'}: ${names.join(', ') || 'there is none'}.`,
    );
  }

  /**
   * Follows a link or presses a button that sends a form.
   * @param text what is read on it, white space as one blank, or a pattern
   * @throws Error when there is none, or several that lead to different places, or it leads to another host
   */
  click(text: string | RegExp): Promise<R> {
    const all = this.#targets();
    const found = all.filter((each) =>
      typeof text === 'string' ? each.text === text : text.test(each.text),
    );
    const [target, second] = found;
    if (target && !second) return target.click();
    const list = (target ? found : all).map((each) => JSON.stringify(each.text)).join(', ');
    const sought = typeof text === 'string' ? JSON.stringify(text) : String(text);
    const what = target ? `${String(found.length)} links and buttons are` : 'No link or button is';
    return Promise.reject(new Error(`${what} ${sought}: ${list || 'the page has none'}.`));
  }

  /**
   * What html-validate finds wrong with it, a line each: `expect(await page.mistakes()).toEqual([])`.
   * @throws ObolError E_PACKAGE, as a rejection, when html-validate is not installed
   */
  mistakes(): Promise<string[]> {
    return htmlMistakes(this.#html);
  }

  #elements(): HtmlNode[] {
    return [...elementsOf(this.#document)];
  }

  #linkNodes(): HtmlNode[] {
    return this.#elements().filter(
      (node) => (node.tagName === 'a' || node.tagName === 'area') && hasAttribute(node, 'href'),
    );
  }

  #linkOf(node: HtmlNode): PageLink {
    const href = attribute(node, 'href') ?? '';
    const url = urlOf(href, this.#browsing.base)?.href ?? href;
    return { text: textOf(node), href, url };
  }

  #targets(): Target<R>[] {
    const links = this.#linkNodes().map((node): Target<R> => {
      const { text, url } = this.#linkOf(node);
      return { text, click: async () => this.#browsing.visit(new URL(url)) };
    });
    const buttons = this.#elements()
      .filter(isSubmitButton)
      .flatMap((node) => this.#buttonOf(node) ?? []);
    return [...links, ...buttons];
  }

  #buttonOf(node: HtmlNode): Target<R> | undefined {
    const owner = formOf(node, this.#document);
    const form = owner && this.#forms.get(owner);
    return form && { text: labelOf(node), click: () => form.press(node) };
  }
}

/** @throws ObolError E_PACKAGE, as a rejection, when parse5 is not installed */
export async function readPage<R>(html: string, browsing: Omit<Browsing<R>, 'base'>): Promise<Page<R>> {
  const document = await parseHtml(html);
  const base = [...elementsOf(document)].find(
    (node) => node.tagName === 'base' && hasAttribute(node, 'href'),
  );
  const href = base && attribute(base, 'href');
  const { url, visit } = browsing;
  return new Page(html, document, {
    url,
    base: (href === undefined ? undefined : urlOf(href, url)) ?? url,
    visit,
  });
}

function textOf(node: HtmlNode): string {
  const images = [...elementsOf(node)].filter(({ tagName }) => tagName === 'img');
  const shown = [visibleText(node), ...images.map((image) => attribute(image, 'alt') ?? '')];
  return shown.filter(Boolean).join(' ') || (attribute(node, 'aria-label') ?? attribute(node, 'alt') ?? '');
}

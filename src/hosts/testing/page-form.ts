/** A form on a page: filled in and sent as a browser does. */
import { multipartBody } from './multipart-body.js';
import { readEntry, urlencodedBody, whole, type Content, type RawEntry } from './content.js';
import { attribute, type HtmlNode } from './html.js';
import {
  buttonEntries,
  buttonsOf,
  controlsOf,
  isDisabled,
  labelOf,
  noChoice,
  textsOf,
  type Control,
  type Entered,
} from './page-controls.js';

/** Where a page goes from here; `R` is a response of the client. */
export interface Browsing<R = unknown> {
  /** Of the page. */
  readonly url: URL;
  /** What relative URLs are read against. */
  readonly base: URL;
  /** Sends a request as the page would. @throws Error for another host */
  readonly visit: (url: URL, sent?: { readonly method: string; readonly content: Content }) => Promise<R>;
}

/** A form, with what a user has entered so far. It is sent by `submit`, as often as wanted. */
export class PageForm<R = unknown> {
  /** As the attribute says; `''` for none. */
  readonly id: string;
  /** As the attribute says; `''` for none. */
  readonly name: string;
  readonly #node: HtmlNode;
  readonly #controls: readonly Control[];
  readonly #buttons: readonly HtmlNode[];
  readonly #browsing: Browsing<R>;

  /** For pages. */
  constructor(node: HtmlNode, document: HtmlNode, browsing: Browsing<R>) {
    this.id = attribute(node, 'id') ?? '';
    this.name = attribute(node, 'name') ?? '';
    this.#node = node;
    this.#controls = controlsOf(node, document);
    this.#buttons = buttonsOf(node, document);
    this.#browsing = browsing;
  }

  /** What it would send by name, without a button; several values as a list. */
  get values(): Record<string, unknown> {
    const values = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of this.#entries())
      values[name] = Object.hasOwn(values, name) ? [values[name], value].flat() : value;
    return values;
  }

  /**
   * Enters values by name: texts, `true` for a box that is ticked, the value or the text of an option, files as
   * `{ filename, type, content }`; a list for several boxes, options, files, or fields of one name.
   * @throws Error for what no user could enter: in a hidden or disabled field, or an option that is not there
   */
  fill(values: Readonly<Record<string, Entered>>): this {
    for (const [name, value] of Object.entries(values)) this.#enter(name, value);
    return this;
  }

  /**
   * Presses a button, or Enter, which presses the first.
   * @param button its text, its name or its id; default the first
   * @throws Error when there is no such button, it is disabled, or the form leads to another host
   */
  async submit(button?: string): Promise<R> {
    return this.press(this.#buttonOf(button));
  }

  /** For pages: presses one of its buttons. */
  async press(pressed: HtmlNode | undefined): Promise<R> {
    if (pressed && isDisabled(pressed))
      throw new Error(
        `The button ${JSON.stringify(labelOf(pressed))} is disabled, so the form cannot be sent.`,
      );
    const setting = (name: string): string | undefined =>
      (pressed && attribute(pressed, `form${name}`)) ?? attribute(this.#node, name);
    const method = (setting('method') ?? 'get').toLowerCase();
    if (method === 'dialog') throw new Error('The form closes its dialog and is not sent.');
    const entries = this.#entries(pressed);
    const { url: here, base } = this.#browsing;
    const action = setting('action') ?? '';
    const url = action === '' ? new URL(here) : new URL(action, base);
    if (method === 'post') {
      const content = await contentOf(entries, setting('enctype'));
      return this.#browsing.visit(url, { method: 'POST', content });
    }
    url.search = new URLSearchParams(entries.map(asText)).toString();
    return this.#browsing.visit(url);
  }

  #enter(name: string, value: Entered): void {
    const named = this.#controls.filter((control) => control.name === name);
    const [first] = named;
    const text = JSON.stringify(name);
    if (!first)
      throw new Error(`The form has no field ${text}; it has ${this.#names().join(', ') || 'none'}.`);
    const usable = named.filter(({ fixed }) => fixed === undefined);
    if (usable.length === 0)
      throw new Error(
        `The field ${text} is ${first.fixed ?? ''}, so no user changes it. Send it with client.post(path, { form }).`,
      );
    if (first.choice !== undefined) tick(name, usable, value);
    else if (usable.length === 1) usable[0]?.enter(value);
    else enterEach(name, usable, value);
  }

  #names(): string[] {
    return [...new Set(this.#controls.map(({ name }) => name))];
  }

  #entries(pressed?: HtmlNode): RawEntry[] {
    const sent = this.#controls
      .filter(({ node }) => !isDisabled(node))
      .flatMap((control) => control.entries())
      .map(([name, value]): RawEntry => [
        name,
        name === '_charset_' ? 'UTF-8' : typeof value === 'string' ? withLineBreaks(value) : value,
      ]);
    return pressed ? [...sent, ...buttonEntries(pressed)] : sent;
  }

  #buttonOf(text: string | undefined): HtmlNode | undefined {
    if (text === undefined) return this.#buttons[0];
    const names = (node: HtmlNode): (string | undefined)[] => [
      labelOf(node),
      attribute(node, 'name'),
      attribute(node, 'value'),
      attribute(node, 'id'),
    ];
    const found = this.#buttons.find((node) => names(node).includes(text));
    if (found) return found;
    const labels = this.#buttons.map((node) => JSON.stringify(labelOf(node))).join(', ');
    throw new Error(`The form has no button ${JSON.stringify(text)}; it has ${labels || 'none'}.`);
  }
}

/** Ticks those of several that stand for one of the values, and no others. */
function tick(name: string, controls: readonly Control[], value: Entered): void {
  const choices = controls.map(({ choice = '' }) => choice);
  if (typeof value === 'boolean' && choices.length > 1)
    throw new Error(`There are several ${JSON.stringify(name)}: give a list of ${choices.join(', ')}.`);
  const wanted = typeof value === 'boolean' ? [] : textsOf(value);
  const unknown = wanted.find((each) => !choices.includes(each));
  if (unknown !== undefined) throw noChoice(name, unknown, choices);
  if (wanted.length > 1 && controls.some(({ node }) => attribute(node, 'type')?.toLowerCase() === 'radio'))
    throw new Error(`One radio button of ${JSON.stringify(name)} is on, not ${String(wanted.length)}.`);
  for (const control of controls) control.enter(value);
}

/** Fields of one name take the values of a list, in their order. */
function enterEach(name: string, controls: readonly Control[], value: Entered): void {
  const values = [value].flat();
  if (values.length !== controls.length)
    throw new Error(
      `There are ${String(controls.length)} fields ${JSON.stringify(name)}: give a list of as many values.`,
    );
  values.forEach((each, index) => controls[index]?.enter(each));
}

async function contentOf(entries: readonly RawEntry[], enctype = ''): Promise<Content> {
  switch (enctype.toLowerCase()) {
    case 'multipart/form-data':
      return multipartBody(await Promise.all(entries.map(readEntry)));
    case 'text/plain': {
      const lines = entries.map(asText).map(([name, value]) => `${name}=${value}\r\n`);
      return { ...whole(lines.join('')), contentType: 'text/plain' };
    }
    default:
      return urlencodedBody(entries.map(asText));
  }
}

/** Where files are not sent their names are. */
function asText([name, value]: RawEntry): [string, string] {
  if (typeof value !== 'object') return [name, String(value)];
  return [name, 'filename' in value ? (value.filename ?? '') : ((value as Partial<File>).name ?? '')];
}

/** As forms are sent: each line break is CR LF. */
function withLineBreaks(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

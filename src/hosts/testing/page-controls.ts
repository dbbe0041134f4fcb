/** The controls of a form on a page: what a user sees in them, may change, and sends (HTML, "Forms"). */
import type { FieldSource, FileSource, RawEntry } from './content.js';
import { around, attribute, elementsOf, hasAttribute, rawText, visibleText, type HtmlNode } from './html.js';

/** One control that can send something. */
export interface Control {
  readonly node: HtmlNode;
  readonly name: string;
  /** Why a user cannot change it; undefined for one that can be changed. */
  readonly fixed: string | undefined;
  /** Of a checkbox or a radio button: the value that it stands for. */
  readonly choice?: string;
  /** What it sends, unless it is disabled. */
  entries(): RawEntry[];
  /** Takes what a user enters. @throws Error for what no user could */
  enter(value: Entered): void;
}

/** What a user enters: a text, a file, whether a box is ticked; several for a list. */
export type Entered = FieldSource | readonly FieldSource[];

/** The controls that belong to a form, buttons excluded, in the order of the document. */
export function controlsOf(form: HtmlNode, document: HtmlNode): Control[] {
  return membersOf(form, document).flatMap((node) => controlOf(node) ?? []);
}

/** The buttons that send a form, in the order of the document. */
export function buttonsOf(form: HtmlNode, document: HtmlNode): HtmlNode[] {
  return membersOf(form, document).filter(isSubmitButton);
}

/** Whether it is a button that sends a form. */
export function isSubmitButton(node: HtmlNode): boolean {
  const type = typeOf(node);
  if (node.tagName === 'button') return type !== 'button' && type !== 'reset';
  return node.tagName === 'input' && (type === 'submit' || type === 'image');
}

/** What a user reads on a button. */
export function labelOf(button: HtmlNode): string {
  if (button.tagName === 'button') return visibleText(button) || (attribute(button, 'aria-label') ?? '');
  return attribute(button, typeOf(button) === 'image' ? 'alt' : 'value') ?? 'Submit';
}

/** What the button that was pressed sends. */
export function buttonEntries(button: HtmlNode): RawEntry[] {
  const name = attribute(button, 'name') ?? '';
  if (typeOf(button) === 'image') {
    const prefix = name === '' ? '' : `${name}.`;
    return [
      [`${prefix}x`, '0'],
      [`${prefix}y`, '0'],
    ];
  }
  return name === '' ? [] : [[name, attribute(button, 'value') ?? '']];
}

/** Whether it sends nothing and takes nothing: by itself, or by a fieldset around it, but for that one's first legend. */
export function isDisabled(node: HtmlNode): boolean {
  if (hasAttribute(node, 'disabled')) return true;
  let inner = node;
  for (const outer of around(node)) {
    if (outer.tagName === 'fieldset' && hasAttribute(outer, 'disabled')) {
      const legend = outer.childNodes?.find(({ tagName }) => tagName === 'legend');
      if (inner !== legend) return true;
    }
    inner = outer;
  }
  return false;
}

/** The form that a control belongs to. */
export function formOf(node: HtmlNode, document: HtmlNode): HtmlNode | undefined {
  const id = attribute(node, 'form');
  const isForm = ({ tagName }: HtmlNode): boolean => tagName === 'form';
  if (id === undefined) return [...around(node)].find(isForm);
  return [...elementsOf(document)].find((each) => isForm(each) && attribute(each, 'id') === id);
}

function membersOf(form: HtmlNode, document: HtmlNode): HtmlNode[] {
  return [...elementsOf(document)].filter(
    (node) =>
      ['input', 'select', 'textarea', 'button'].includes(node.tagName ?? '') &&
      formOf(node, document) === form &&
      ![...around(node)].some(({ tagName }) => tagName === 'datalist'),
  );
}

function typeOf(node: HtmlNode): string {
  return (attribute(node, 'type') ?? '').toLowerCase();
}

function controlOf(node: HtmlNode): Control | undefined {
  const name = attribute(node, 'name') ?? '';
  if (name === '' || isButton(node)) return undefined;
  const make = node.tagName === 'input' ? (INPUTS[typeOf(node)] ?? text) : KINDS[node.tagName ?? ''];
  return make && { node, name, fixed: whyFixed(node), ...make(node, name) };
}

function whyFixed(node: HtmlNode): string | undefined {
  if (isDisabled(node)) return 'disabled';
  if (typeOf(node) === 'hidden') return 'hidden';
  return hasAttribute(node, 'readonly') ? 'read-only' : undefined;
}

function isButton(node: HtmlNode): boolean {
  return node.tagName === 'button' || ['submit', 'image', 'button', 'reset'].includes(typeOf(node));
}

type Behaviour = Pick<Control, 'entries' | 'enter' | 'choice'>;
type Kind = (node: HtmlNode, name: string) => Behaviour;

const text: Kind = (node, name) =>
  line(name, attribute(node, 'value') ?? '', (given) => given.replace(/[\r\n]/g, ''));

/** Inputs of any other type are texts. */
const INPUTS: Readonly<Record<string, Kind>> = { checkbox: tick, radio: tick, file: upload };

const KINDS: Readonly<Record<string, Kind>> = {
  select: choices,
  textarea: (node, name) => line(name, rawText(node), (given) => given),
};

function line(name: string, initial: string, clean: (text: string) => string): Behaviour {
  let text = clean(initial);
  return {
    entries: () => [[name, text]],
    enter: (value) => {
      if (typeof value === 'object') throw new Error(`The field ${JSON.stringify(name)} takes one text.`);
      text = clean(String(value));
    },
  };
}

/** A checkbox or a radio button is ticked by true, and by its own value or a list that holds it. */
function tick(node: HtmlNode, name: string): Behaviour {
  const own = attribute(node, 'value') ?? 'on';
  let isTicked = hasAttribute(node, 'checked');
  return {
    choice: own,
    entries: () => (isTicked ? [[name, own]] : []),
    enter: (value) => {
      isTicked = typeof value === 'boolean' ? value : textsOf(value).includes(own);
    },
  };
}

function upload(node: HtmlNode, name: string): Behaviour {
  let files: readonly FileSource[] = [];
  const isMultiple = hasAttribute(node, 'multiple');
  return {
    entries: () =>
      files.length > 0
        ? files.map((file): RawEntry => [name, file])
        : [[name, { filename: '', type: 'application/octet-stream', content: '' }]],
    enter: (value) => {
      const given = [value].flat();
      if (given.some((each) => typeof each !== 'object') || (given.length > 1 && !isMultiple))
        throw new Error(
          `The field ${JSON.stringify(name)} takes ${isMultiple ? 'files' : 'one file'}, such as { filename, content }.`,
        );
      files = given as FileSource[];
    },
  };
}

function choices(node: HtmlNode, name: string): Behaviour {
  const options = [...elementsOf(node)].filter(({ tagName }) => tagName === 'option').map(optionOf);
  const isMultiple = hasAttribute(node, 'multiple');
  let chosen = options.filter(({ isSelected }) => isSelected);
  if (!isMultiple) chosen = chosen.slice(-1);
  const isList = Number(attribute(node, 'size') ?? 1) > 1;
  if (!isMultiple && !isList && chosen.length === 0)
    chosen = options.filter((each) => !each.isDisabled).slice(0, 1);
  return {
    entries: () => chosen.filter((each) => !each.isDisabled).map(({ value }): RawEntry => [name, value]),
    enter: (value) => {
      const wanted = textsOf(value);
      if (wanted.length !== 1 && !isMultiple)
        throw new Error(`One option of ${JSON.stringify(name)} is chosen, not ${String(wanted.length)}.`);
      chosen = wanted.map((text) => {
        const usable = options.filter((each) => !each.isDisabled);
        const found = usable.find((each) => each.value === text) ?? usable.find((each) => each.text === text);
        if (found) return found;
        throw noChoice(
          name,
          text,
          usable.map((each) => each.value),
        );
      });
    },
  };
}

function optionOf(node: HtmlNode): {
  readonly value: string;
  readonly text: string;
  readonly isSelected: boolean;
  readonly isDisabled: boolean;
} {
  const text = visibleText(node);
  const group = node.parentNode?.tagName === 'optgroup' ? node.parentNode : undefined;
  return {
    value: attribute(node, 'value') ?? text,
    text,
    isSelected: hasAttribute(node, 'selected'),
    isDisabled: hasAttribute(node, 'disabled') || (group !== undefined && hasAttribute(group, 'disabled')),
  };
}

/** What is chosen, by value or by text. @throws Error for a file */
export function textsOf(value: Entered): string[] {
  return [value].flat().map((each) => {
    if (typeof each === 'object') throw new Error('A file is for a field that takes files.');
    return String(each);
  });
}

/** Of a value that none has. */
export function noChoice(name: string, text: string, known: readonly string[]): Error {
  const list = known.map((each) => JSON.stringify(each)).join(', ');
  return new Error(
    `${JSON.stringify(text)} cannot be chosen in ${JSON.stringify(name)}, which offers ${list}.`,
  );
}

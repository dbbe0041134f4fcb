/** The page of a script: its form, and where its output goes. It needs no script of its own; with one the output comes live into it. */
import { escapeHtml, htmlPage } from '../../../kit.js';
import { lengthOf, type ScriptArgument } from './argument.js';
import { PAGE_SCRIPT } from './page-script.js';
import type { Values } from './values.js';

/** What a page has to show. */
export interface ScriptView {
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly ScriptArgument[];
  /** What the fields hold. */
  readonly values: Values;
  /** The hidden field with the token of the form, as HTML. */
  readonly token: string;
  /** Of its script. */
  readonly nonce: string;
  /** What was wrong the last time; `''` for nothing. */
  readonly notice?: string;
}

const STYLE = `
input[type=checkbox],input[type=radio]{width:auto}
textarea,select{box-sizing:border-box;max-width:100%;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--quiet);border-radius:.5rem}
textarea{min-height:5rem;font-family:ui-monospace,monospace}
.flag{display:flex;align-items:center;gap:.5rem}
.buttons{display:flex;gap:1rem}
#output{max-height:70vh;min-height:1.5em;white-space:pre-wrap}
#output .error{color:var(--bad)}
#output .error::before{content:"! "}
progress{width:100%}
[hidden]{display:none}
`;

/** Where the output comes, which is text without any of this. */
const OUTPUT = '<!-- output -->';

/** The page of a form that waits to be sent. */
export function formPage(view: ScriptView): string {
  return [...runningPage(view, { isOver: true })].join('');
}

/** The page of a run in two parts: what goes before the output, and what comes behind it. */
export function runningPage(view: ScriptView, { isOver = false } = {}): [before: string, after: string] {
  const { title, description, notice = '', nonce } = view;
  const alert = `<p role="alert" id="alert"${notice === '' ? ' hidden' : ''}>${escapeHtml(notice)}</p>`;
  const main = `${description === '' ? '' : `<p>${escapeHtml(description)}</p>\n`}${formOf(view)}
${alert}
<section id="run"${isOver ? ' hidden' : ''} aria-labelledby="output-heading">
<h2 id="output-heading">Output</h2>
<progress id="progress" aria-label="Progress" max="100" hidden></progress>
<pre id="output" role="log" tabindex="0" aria-labelledby="output-heading">${OUTPUT}</pre>
<p id="status" role="status"></p>
</section>
<script nonce="${escapeHtml(nonce)}">${PAGE_SCRIPT}</script>`;
  const [before = '', after = ''] = htmlPage({ title, main, style: STYLE }).split(OUTPUT);
  return [before, after];
}

function formOf({ arguments: known, values, token }: ScriptView): string {
  const fields = known.map((argument, index) => {
    const field = { argument, id: `field-${String(index)}`, values: values.get(argument.name) ?? [] };
    return fieldOf(field);
  });
  return `<form method="post" id="form">${token}
${fields.join('\n')}
<div class="buttons"><button id="start">Run</button><button type="button" id="stop" hidden>Stop</button></div>
</form>`;
}

interface Field {
  readonly argument: ScriptArgument;
  readonly id: string;
  readonly values: readonly string[];
}

function fieldOf(field: Field): string {
  const { argument, id } = field;
  const label = escapeHtml(argument.label ?? argument.name.replace(/^-+/, ''));
  const hint =
    argument.description === undefined
      ? ''
      : `<small id="${id}-hint">${escapeHtml(argument.description)}</small>`;
  if (argument.kind === 'flag')
    return `<div><label class="flag">${controlOf(field)} ${label}</label>${hint}</div>`;
  return `<label for="${id}">${label}${argument.required ? ' *' : ''}\n${controlOf(field)}${hint}</label>`;
}

function controlOf(field: Field): string {
  const { argument, values } = field;
  const { kind = 'text', several } = argument;
  const attributes = attributesOf(field);
  const text = escapeHtml(values.join('\n'));
  if (kind === 'flag')
    return `<input type="checkbox" value="true"${attributes}${marked('checked', values.length > 0)}>`;
  if (kind === 'choice')
    return `<select${attributes}${marked('multiple', several)}>${choicesOf(argument, values)}</select>`;
  // A line break right behind the tag is dropped by browsers.
  if (kind === 'multiline' || several) return `<textarea rows="4"${attributes}>\n${text}</textarea>`;
  // A password is never sent back.
  if (kind === 'password') return `<input type="password" autocomplete="off"${attributes}>`;
  const { min, max } = argument;
  const limits = kind === 'number' ? ` step="any"${valued('min', min)}${valued('max', max)}` : '';
  return `<input type="${kind}" value="${text}"${limits}${attributes}>`;
}

function attributesOf({ argument, id }: Field): string {
  const { name, kind = 'text', several, description, required } = argument;
  const isText = ['text', 'multiline', 'password'].includes(kind) && !several;
  return (
    ` name="${escapeHtml(name)}" id="${id}"` +
    (isText ? ` maxlength="${String(lengthOf(argument))}"` : '') +
    marked('required', required) +
    (description === undefined ? '' : ` aria-describedby="${id}-hint"`)
  );
}

function choicesOf({ choices = [], required, several }: ScriptArgument, values: readonly string[]): string {
  const none = required || several ? [] : [''];
  return [...none, ...choices].map((choice) => optionOf(choice, values.includes(choice))).join('');
}

/** Of a text without a value browsers send no more than one blank between two words. */
function optionOf(choice: string, isSelected: boolean): string {
  const text = escapeHtml(choice);
  return `<option value="${text}"${marked('selected', isSelected)}>${text}</option>`;
}

function marked(attribute: string, isThere: boolean | undefined): string {
  return isThere ? ` ${attribute}` : '';
}

function valued(attribute: string, value: number | undefined): string {
  return value === undefined ? '' : ` ${attribute}="${String(value)}"`;
}

/** `link()`: a link as HTML, which leads to the web and nowhere else. */
import { inspect } from 'node:util';
import { escapeHtml, ObolError } from '../../kit.js';
import { partsOf } from './parts.js';
import { textOf, type Text } from './text.js';
import { url, type UrlLike } from './url.js';

/** Values by the name of an attribute; true is one without a value, and what is false, null or undefined is left out. */
export type LinkAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What a link may lead to besides pages. */
const OTHER_SCHEME = /^(?:mailto|tel):/i;
/** What browsers read as a colon or leave out, should the text be put into HTML as it is. */
const ENTITY_IN_SCHEME = /^[^/?]*&(?:#|colon;|tab;|newline;)/i;
/** Names (https://html.spec.whatwg.org/#attributes-2) but those of handlers, and of what is given otherwise. */
const ATTRIBUTE = /^(?!on|href$)[a-z][a-z\d]*(?:-[a-z\d]+)*$/i;

/**
 * A link: `link('/people', 'People & pets', { class: 'nav' })` is `<a href="/people" class="nav">People &amp; pets</a>`. Text and values
 * are escaped.
 * @param to a URL of http or https, a reference, or one of `mailto:` and `tel:`
 * @throws ObolError E_URL for any other scheme, such as `javascript:`, `data:` or `vbscript:`, however it is written, and for what is no URL;
 * E_SETTING for an attribute that is a script or no attribute; E_URL_PARAMETER for what is no text
 */
export function link(to: UrlLike, text: Text, attributes: LinkAttributes = {}): string {
  const written = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  return `<a href="${escapeHtml(targetOf(to))}"${written.join('')}>${escapeHtml(textOf(text, 'The text of a link'))}</a>`;
}

function targetOf(to: UrlLike): string {
  if (typeof to !== 'string') return url(to).href;
  if (ENTITY_IN_SCHEME.test(to)) throw unsafe(to, 'it has an entity of HTML where a scheme would stand');
  const [scheme = ''] = OTHER_SCHEME.exec(to.trim()) ?? [];
  if (scheme === '') return url(to).href;
  // The rest is read as a reference, whose rules are the same.
  const parts = partsOf(`./${to.trim().slice(scheme.length)}`);
  if (typeof parts === 'string') throw unsafe(to, parts);
  return scheme.toLowerCase() + parts.path.slice('./'.length) + parts.search + parts.hash;
}

function unsafe(to: string, why: string): ObolError {
  return new ObolError('E_URL', `${inspect(to, { maxStringLength: 100 })} is no URL: ${why}.`);
}

function attributeOf(name: string, value: LinkAttributes[string]): string {
  if (!ATTRIBUTE.test(name))
    throw new ObolError(
      'E_SETTING',
      `link: ${inspect(name, { maxStringLength: 100 })} is no attribute that a link may have; scripts belong into files, and the URL into the first argument.`,
    );
  if (value === undefined || value === null || value === false) return '';
  return value === true ? ` ${name}` : ` ${name}="${escapeHtml(textOf(value, `The attribute "${name}"`))}"`;
}

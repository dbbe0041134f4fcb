/** XML as the CAS protocol uses it, read strictly: no DTDs, no entities of one's own, no text among elements. */

const MAX_LENGTH = 64 * 1024;
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 1000;
const DECLARATION = /^\uFEFF?\s*<\?xml [^<>?]{0,100}\?>/;
/** One tag, comment, CDATA section or run of text; whatever else there is in XML matches nothing. */
const TOKEN =
  /<(\/?)((?:[A-Za-z_][\w.-]*:)?)([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<!--((?:(?!--)[^])*)-->|<!\[CDATA\[((?:(?!\]\]>)[^])*)\]\]>|([^<]+)/y;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** One element; text and elements are never mixed here. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly qualified: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** In linear time. @returns undefined for anything but one well-formed element of this simple kind */
export function parseXml(xml: string): XmlElement | undefined {
  if (xml.length > MAX_LENGTH) return undefined;
  const top: OpenElement = { name: '', qualified: '', attributes: new Map(), children: [], text: '' };
  const open = [top];
  const token = new RegExp(TOKEN);
  token.lastIndex = DECLARATION.exec(xml)?.[0].length ?? 0;
  for (let count = 0; token.lastIndex < xml.length; count++) {
    const match = token.exec(xml);
    if (!match || count > 2 * MAX_ELEMENTS || !take(match, open)) return undefined;
  }
  const isWhole = open.length === 1 && top.children.length === 1 && top.text.trim() === '';
  return isWhole ? top.children[0] : undefined;
}

/** @returns false for a piece that cannot stand here */
function take(match: RegExpExecArray, open: OpenElement[]): boolean {
  const [, slash, , name, attributes, empty, comment] = match;
  if (comment !== undefined) return true;
  if (name === undefined) return takeText(match, open.at(-1));
  if (slash !== '/') return takeStart(match, open);
  return empty === '' && attributes === '' && close(open, qualifiedName(match));
}

function takeText(
  [, , , , , , , data, text = '']: RegExpExecArray,
  current: OpenElement | undefined,
): boolean {
  const decoded = data ?? decode(text);
  if (current) current.text += decoded ?? '';
  return decoded !== undefined;
}

function takeStart(match: RegExpExecArray, open: OpenElement[]): boolean {
  const [, , , name = '', attributes = '', empty] = match;
  const read = readAttributes(attributes);
  if (!read || open.length > MAX_DEPTH) return false;
  const qualified = qualifiedName(match);
  open.push({ name, qualified, attributes: read, children: [], text: '' });
  return empty === '' || close(open, qualified);
}

function qualifiedName([, , prefix = '', name = '']: RegExpExecArray): string {
  return prefix + name;
}

function close(open: OpenElement[], qualified: string): boolean {
  const element = open.pop();
  const parent = open.at(-1);
  if (!element || !parent || element.qualified !== qualified) return false;
  const { name, attributes, children, text } = element;
  parent.children.push({ name, attributes, children, text });
  return children.length === 0 || text.trim() === '';
}

function readAttributes(text: string): Map<string, string> | undefined {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    const value = decode(double ?? single ?? '');
    if (value === undefined || attributes.has(name)) return undefined;
    attributes.set(name, value);
  }
  return attributes;
}

/** The five entities that XML has by itself, and characters by number. @returns undefined where there is another */
function decode(text: string): string | undefined {
  const unknown: string[] = [];
  const decoded = text.replace(/&([^;&]{0,10};?)/g, (_all, entity: string) => {
    const char = entity.endsWith(';') ? characterOf(entity.slice(0, -1)) : undefined;
    if (char === undefined) unknown.push(entity);
    return char ?? '';
  });
  return unknown.length === 0 ? decoded : undefined;
}

function characterOf(entity: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return ENTITIES.get(entity);
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  const isChar = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0x10ffff);
  return isChar && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
}

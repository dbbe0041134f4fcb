/** Obol's own path filters. Browsers load this file, too: it imports nothing. */

/** A filter as the matcher uses it: one function that answers whether a text fits. */
export interface CompiledFilter {
  readonly name: string;
  /** Source of a regular expression without anchors or capturing groups. */
  readonly source: string;
  readonly flags: string;
  readonly weight: number;
  readonly spans: boolean;
  /** Whether an author gave the pattern. */
  readonly isOwn: boolean;
  /** The converted value; undefined when the decoded text does not fit. */
  read(text: string): unknown;
  /** The text of a value; undefined when the value does not fit. */
  format(value: unknown): string | undefined;
}

const MAX_PARAMETER_LENGTH = 255;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Filter of a parameter that names none: any text of one segment. */
export const TEXT: CompiledFilter = {
  name: '',
  source: '[^/]+',
  flags: '',
  weight: 90,
  spans: false,
  isOwn: false,
  read: readText,
  format: (value) => (typeof value === 'string' ? readText(value) : undefined),
};

/** All that have a name. */
export const BUILT_IN: readonly CompiledFilter[] = [
  {
    name: 'uuid',
    source: '[\\da-fA-F]{8}(?:-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}',
    flags: '',
    weight: 10,
    spans: false,
    isOwn: false,
    read: (text) => (text.length === 36 && UUID.test(text) ? text.toLowerCase() : undefined),
    format: (value) => (typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined),
  },
  {
    name: 'int',
    source: '-?[0-9]+',
    flags: '',
    weight: 20,
    spans: false,
    isOwn: false,
    read: readInteger,
    format: (value) => (Number.isSafeInteger(value) ? String(value) : undefined),
  },
  {
    name: 'float',
    source: '-?[0-9]+(?:\\.[0-9]+)?',
    flags: '',
    weight: 30,
    spans: false,
    isOwn: false,
    read: (text) => (/^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? finite(Number(text)) : undefined),
    format: formatFloat,
  },
  textFilter('hex', { source: '[\\da-fA-F]+', test: /^[\da-fA-F]+$/, weight: 40 }),
  textFilter('word', { source: '(?:\\w|[^\\x00-\\x7f])+', test: /^[\p{L}\p{M}\p{N}_]+$/u, weight: 50 }),
  {
    name: 'path',
    source: '.+',
    flags: '',
    weight: 110,
    spans: true,
    isOwn: false,
    read: (text) => (text === '' ? undefined : text),
    format: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  },
];

/** A built-in filter whose value is the text; `source` may match more than `test`, which has the last word. */
function textFilter(name: string, form: { source: string; test: RegExp; weight: number }): CompiledFilter {
  const { source, test, weight } = form;
  const fits = (text: string): boolean => text.length <= MAX_PARAMETER_LENGTH && test.test(text);
  return {
    name,
    source,
    flags: '',
    weight,
    spans: false,
    isOwn: false,
    read: (text) => (fits(text) ? text : undefined),
    format: (value) => (typeof value === 'string' && fits(value) ? value : undefined),
  };
}

function readText(text: string): string | undefined {
  const fits = text !== '' && text.length <= MAX_PARAMETER_LENGTH && !text.includes('/');
  return fits ? text : undefined;
}

/** ASCII digits within the safe integers; longer texts are no integers of ours. */
function readInteger(text: string): number | undefined {
  const start = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const length = text.length;
  if (length === start || length - start > 20) return undefined;
  for (let i = start; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Plain decimal notation only, as the filter reads it: no exponent. */
function formatFloat(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const text = String(value);
  return text.includes('e') ? undefined : text;
}

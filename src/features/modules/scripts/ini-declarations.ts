/** Scripts declared in INI: a section for each script, and one for each of its arguments. */
import { parseIni } from './ini.js';

type Values = ReadonlyMap<string, readonly string[]>;

const LISTS: ReadonlySet<string> = new Set(['command', 'launcher', 'groups', 'choices']);
const FLAGS: ReadonlySet<string> = new Set(['separator', 'progress', 'required', 'several', 'input']);
const NUMBERS: ReadonlySet<string> = new Set([
  ...['timeout', 'maxOutput', 'concurrency', 'queue', 'minimumLevel'],
  ...['maxLength', 'min', 'max'],
]);

/**
 * The declarations in a text, as JSON would hold them: `[greet]` declares a script, `[greet.--count]` an argument of it, in the order
 * of the sections. A key that is there several times is a list.
 * @throws IniMistake for what is no INI @throws Error for an argument of no script, and for a key with values that cannot be
 */
export function parseIniDeclarations(text: string): Record<string, unknown> {
  const scripts = new Map<string, Record<string, unknown> & { arguments: unknown[] }>();
  for (const [section, values] of parseIni(text)) {
    const [name = '', ...rest] = section.split('.');
    if (rest.length === 0) {
      scripts.set(name, { ...membersOf(section, values), arguments: [] });
      continue;
    }
    const script = scripts.get(name);
    if (!script) throw new Error(`[${section}] stands before the section [${name}] of its script`);
    script.arguments.push({ ...membersOf(section, values), name: rest.join('.') });
  }
  return Object.fromEntries(scripts);
}

function membersOf(section: string, values: Values): Record<string, unknown> {
  const isFlag = values.get('kind')?.[0] === 'flag';
  const isList = values.get('several')?.[0] === 'true';
  return Object.fromEntries(
    [...values].map(([key, list]) => {
      if (LISTS.has(key) || (key === 'default' && isList)) return [key, list];
      const [text = '', second] = list;
      if (second !== undefined) throw new Error(`[${section}] has "${key}" twice`);
      return [key, isFlag && key === 'default' ? flagOf(text) : typed(key, text)];
    }),
  );
}

/** A text that is none of what it should be stays one, and is reported by the rule of its member. */
function typed(key: string, text: string): unknown {
  if (FLAGS.has(key)) return flagOf(text);
  if (NUMBERS.has(key) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function flagOf(text: string): unknown {
  return text === 'true' || (text === 'false' ? false : text);
}

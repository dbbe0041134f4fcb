/** INI text, read strictly: sections of keys with values, and nothing that could be meant otherwise. */

/** The keys of each section, and the values of each key, one for each time it is there. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

type Section = Map<string, readonly string[]>;

const SECTION = /^\[([^[\]]+)\]$/;
const PAIR = /^([\w-]+)\s*=\s*(.*)$/;
const COMMENT = /^[;#]/;

/** What is wrong with a text, and in which line. */
export class IniMistake extends Error {
  constructor(line: number, what: string) {
    super(`line ${String(line)}: ${what}`);
    this.name = 'IniMistake';
  }
}

/**
 * Reads `[section]`, `key = value` and comments, which begin a line with `;` or `#`. A key that is there several times has
 * several values. What a value is quoted with (`"`) is no part of it, and keeps the spaces at its ends.
 * @throws IniMistake for any other line, and for a section that is there twice
 */
export function parseIni(text: string): Ini {
  const sections = new Map<string, Section>();
  let current: Section | undefined;
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = written.trim();
    if (line === '' || COMMENT.test(line)) continue;
    const name = SECTION.exec(line)?.[1]?.trim();
    if (name === undefined) addPair(current, line, index + 1);
    else current = addSection(sections, name, index + 1);
  }
  return sections;
}

function addSection(sections: Map<string, Section>, name: string, line: number): Section {
  if (sections.has(name)) throw new IniMistake(line, `the section [${name}] is there twice`);
  const section: Section = new Map();
  sections.set(name, section);
  return section;
}

function addPair(section: Section | undefined, text: string, line: number): void {
  const [, key = '', value = ''] = PAIR.exec(text) ?? [];
  if (key === '') throw new IniMistake(line, 'it is no [section], no key = value and no comment');
  if (!section) throw new IniMistake(line, `"${key}" stands in no section`);
  section.set(key, [...(section.get(key) ?? []), unquoted(value)]);
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

/** JSON data as YAML 1.2, which every reader of YAML 1.1 reads as the same. */

/** Text that needs no quotes: nothing that could be a number, a flag, a date or a sign of YAML. */
const PLAIN = /^[A-Za-z_/$][\w/.+-]*(?: [\w/.+-]+)*$/;
const WORDS = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

/** The whole document, with a line break at its end. */
export function toYaml(value: unknown): string {
  return `${linesOf(value).join('\n')}\n`;
}

function linesOf(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0)
    return value.flatMap((item: unknown) => {
      const [first = '', ...rest] = linesOf(item);
      return [`- ${first}`, ...rest.map(indented)];
    });
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length > 0) return members.flatMap(([name, member]) => memberLines(textOf(name), member));
  }
  return [typeof value === 'string' ? textOf(value) : JSON.stringify(value)];
}

function memberLines(name: string, value: unknown): string[] {
  const lines = linesOf(value);
  const isBlock = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  return isBlock ? [`${name}:`, ...lines.map(indented)] : [`${name}: ${lines.join('\n')}`];
}

function indented(line: string): string {
  return `  ${line}`;
}

/** What JSON writes in quotes YAML reads the same. */
function textOf(text: string): string {
  return PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text);
}

/** How a value of the configuration is called in the environment and among arguments. */

/** Members that lead to a value, such as `['database', 'url']`. */
export type Path = readonly string[];

/** The path that a variable names, as `variableName` gives it one; undefined where it does not begin with the prefix, or names none. */
export function pathOfVariable(variable: string, prefix: string): Path | undefined {
  if (!variable.startsWith(prefix)) return undefined;
  const path = variable
    .slice(prefix.length)
    .split('__')
    .map((words) => camelCase(words.toLowerCase(), '_'));
  return path.every((name) => name !== '') ? path : undefined;
}

/** `--database.document-root`. */
export function argumentOf(path: Path): string {
  return `--${path.map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).join('.')}`;
}

/** The path that an argument names, its two dashes left out. */
export function pathOfArgument(name: string): Path {
  return name.split('.').map((words) => camelCase(words, '-'));
}

function camelCase(words: string, separator: string): string {
  const [first = '', ...rest] = words.split(separator);
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

/** The command line of a script and what it reads: no value is taken for an option, and none goes through a shell. */
import { HttpError } from '../../../kit.js';
import { isInput, isOption, type ScriptArgument } from './argument.js';
import type { Values } from './values.js';

/** What a program is given. */
export interface CommandLine {
  /** What follows the words of the command. */
  readonly words: readonly string[];
  /** What it reads; `''` for nothing. */
  readonly input: string;
}

/** Bytes of all words together; systems have limits of their own, which are higher. */
const MAX_BYTES = 128 * 1024;

/**
 * Options come first, as `--name=value` or, of one letter, as `-n value`, several values with the name each; then `--`, and
 * the values by position. Values of the standard input are a line each.
 * @param separator whether the program knows `--`
 * @throws HttpError 400 for a value that could be taken for an option, or for that of another argument; 413 for too much of all
 */
export function commandLine(known: readonly ScriptArgument[], values: Values, separator = true): CommandLine {
  const onLine = known.filter((argument) => !isInput(argument));
  const options = onLine.filter(isOption).flatMap((option) => optionWords(option, valuesOf(option, values)));
  const positional = positionalWords(
    onLine.filter((argument) => !isOption(argument)),
    values,
    separator,
  );
  const words = [...options, ...positional];
  if (words.reduce((bytes, word) => bytes + Buffer.byteLength(word) + 1, 0) > MAX_BYTES)
    throw new HttpError(413, 'The values are longer than a command line');
  return { words, input: inputText(known.filter(isInput), values) };
}

function valuesOf({ name }: ScriptArgument, values: Values): readonly string[] {
  return values.get(name) ?? [];
}

function optionWords({ name, kind, label = name }: ScriptArgument, values: readonly string[]): string[] {
  if (kind === 'flag') return values.map(() => name);
  if (name.startsWith('--')) return values.map((value) => `${name}=${value}`);
  return values.flatMap((value) => [name, refuseDash(value, label)]);
}

function positionalWords(known: readonly ScriptArgument[], values: Values, separator: boolean): string[] {
  const words: string[] = [];
  let missing: ScriptArgument | undefined;
  for (const argument of known) {
    const given = valuesOf(argument, values);
    const { name, label = name } = argument;
    if (given.length === 0) missing ??= argument;
    else if (missing)
      throw new HttpError(400, `${label}: it needs ${missing.label ?? missing.name} before it.`);
    words.push(...(separator ? given : given.map((value) => refuseDash(value, label))));
  }
  return separator && words.length > 0 ? ['--', ...words] : words;
}

function refuseDash(value: string, label: string): string {
  if (value.startsWith('-')) throw new HttpError(400, `${label}: it may not begin with "-".`);
  return value;
}

function inputText(known: readonly ScriptArgument[], values: Values): string {
  return known
    .flatMap((argument) => valuesOf(argument, values))
    .map((value) => (value.endsWith('\n') ? value : `${value}\n`))
    .join('');
}

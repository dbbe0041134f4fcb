/** Where values of a configuration stand: files, the environment, arguments. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { loadPackage, ObolError } from '../../kit.js';
import { isPlain, wholeOf, type Entry } from './layers.js';
import { pathOfArgument, pathOfVariable, type Path } from './names.js';

/** Bytes of a file. */
const MAX_SIZE = 1024 * 1024;

type Variables = Readonly<Record<string, string | undefined>>;

/** How variables are called. */
export interface VariableNames {
  /** What the names of variables begin with; undefined for no variables but those of `names`. */
  readonly prefix: string | undefined;
  /** Paths by the name of a variable. */
  readonly names: ReadonlyMap<string, Path>;
}

/** Whether a file holds variables, as `.env` and `.env.local` do. */
export function isEnvFile(file: string): boolean {
  return /^\.env(?:\.|$)|\.env$/.test(basename(file)) && !/\.(?:json|ya?ml)$/i.test(file);
}

/**
 * The values in a file: JSON, YAML, or variables as `.env` has them. One with variables may be missing, since it is not for the
 * repository.
 * @throws ObolError E_CONFIG for one that cannot be read, E_PACKAGE for YAML without the package yaml
 */
export function entriesOfFile(file: string, names: VariableNames): Entry[] {
  const text = textOf(file);
  if (text === undefined) return [];
  if (isEnvFile(file)) return entriesOfVariables(parseEnv(text), names, `in ${file}`);
  return [wholeOf(objectIn(text, file), file)];
}

/** What a file of JSON or YAML holds. @throws ObolError E_CONFIG and E_PACKAGE as {@link entriesOfFile} */
export function objectOfFile(file: string): object {
  return objectIn(textOf(file) ?? '', file);
}

/** The values that variables hold. An empty one counts as not given. @param where they stand, such as `in .env` */
export function entriesOfVariables(
  variables: Variables,
  { prefix, names }: VariableNames,
  where: string,
): Entry[] {
  return Object.entries(variables).flatMap(([variable, value]) => {
    const path = names.get(variable) ?? (prefix === undefined ? undefined : pathOfVariable(variable, prefix));
    if (path === undefined || value === undefined || value === '') return [];
    return [{ path, value, origin: `${variable} ${where}`, isText: true }];
  });
}

/** The values in arguments: `--port=80`, `--port 80`, `--debug`, `--no-debug`; of one that is repeated, a list. */
export function entriesOfArguments(args: readonly string[]): Entry[] {
  const { tokens } = parseArgs({ args: [...args], strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  tokens.forEach((token, index) => {
    if (token.kind !== 'option' || !token.rawName.startsWith('--')) return;
    const next = tokens[index + 1];
    const value = token.value ?? (next?.kind === 'positional' ? next.value : undefined);
    const isOff = value === undefined && token.name.startsWith('no-');
    const name = isOff ? token.name.slice('no-'.length) : token.name;
    given.set(name, [...(given.get(name) ?? []), value ?? String(!isOff)]);
  });
  return [...given].map(([name, values]) => ({
    path: pathOfArgument(name),
    value: values.length > 1 ? values : values[0],
    origin: `the argument --${name}`,
    isText: values.length === 1,
  }));
}

function textOf(file: string): string | undefined {
  try {
    if (statSync(file).size > MAX_SIZE) throw unreadable(file, `holds more than ${String(MAX_SIZE)} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ObolError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isEnvFile(file)) return undefined;
    const cure = 'It is looked for from the working directory; give its whole path, or leave it out of files';
    throw unreadable(file, `cannot be read (${String(code)}). ${cure}`, error);
  }
}

function objectIn(text: string, file: string): object {
  const value = parsed(text.replace(/^\uFEFF/, ''), file);
  if (isPlain(value)) return value;
  throw unreadable(file, 'holds no object; write { "name": value }');
}

interface Yaml {
  parse(text: string, options: { readonly logLevel: 'error' }): unknown;
}

function parsed(text: string, file: string): unknown {
  const isYaml = /\.ya?ml$/i.test(file);
  const yaml = isYaml ? (loadPackage('yaml', file) as Yaml) : undefined;
  try {
    // Its warnings would show what stands there.
    return yaml ? yaml.parse(text, { logLevel: 'error' }) : (JSON.parse(text) as unknown);
  } catch {
    // The words of the parser show what stands there, which may be a secret.
    throw unreadable(
      file,
      isYaml ? 'is no YAML' : 'is no JSON. Neither comments nor commas at the end may stand in it',
    );
  }
}

function unreadable(file: string, why: string, cause?: unknown): ObolError {
  return new ObolError('E_CONFIG', `The file ${JSON.stringify(file)} ${why}.`, { cause });
}

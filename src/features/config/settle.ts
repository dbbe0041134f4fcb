/** What a schema makes of the layers of a configuration, or all that is wrong with them. */
import { checkSchema, ObolError, variableName, type Schema } from '../../kit.js';
import { isBelow, type Entry, type Layers } from './layers.js';
import { argumentOf, type Path } from './names.js';

/** What messages call a configuration, and how a value could be given. */
export interface Places {
  readonly name: string;
  readonly files: readonly string[];
  readonly prefix: string | undefined;
  readonly hasArguments: boolean;
}

interface Refusal {
  readonly path: Path;
  readonly detail: string;
  readonly isOfType?: boolean | undefined;
}

/**
 * The validated values.
 *
 * The environment and arguments hold text alone. One that the schema refuses is tried as the JSON that it may be: `8080` as a
 * number, `true`, a list. Where that is of no type that is wanted either, the text is what the message is about.
 * @throws ObolError E_CONFIG with all mistakes, each with the place of its value
 */
export function settle(schema: Schema, layers: Layers, places: Places): unknown {
  const first = judge(schema, layers.values, places);
  if (!('refused' in first)) return first.value;
  const tried = new Map(first.refused.flatMap(({ path }) => layers.textsBelow(path)).map(asJson));
  const second = judge(schema, layers.with(tried), places);
  if (!('refused' in second)) return second.value;
  const isHelp = ([path]: readonly [Path, unknown]): boolean =>
    second.refused.every((refusal) => !isBelow(path, refusal.path) || refusal.isOfType === false);
  const third = judge(schema, layers.with(new Map([...tried].filter(isHelp))), places);
  if (!('refused' in third)) return third.value;
  const lines = third.refused.map((refusal) => lineOf(refusal, layers, places));
  throw new ObolError('E_CONFIG', lines.join('\n'));
}

function judge(
  schema: Schema,
  values: unknown,
  { name }: Places,
): { value: unknown } | { refused: readonly Refusal[] } {
  const result = checkSchema(schema, values);
  if ('mistakes' in result && result.mistakes) return { refused: result.mistakes };
  if ('value' in result) return result;
  (result as Promise<unknown>).catch(() => undefined);
  throw new ObolError(
    'E_CONFIG',
    `${name}: its schema is asynchronous; leave out what waits for something, and check that when the application starts.`,
  );
}

function asJson({ path, value }: Entry): [Path, unknown] {
  try {
    return [path, JSON.parse(String(value)) as unknown];
  } catch {
    return [path, value];
  }
}

function lineOf({ path, detail }: Refusal, layers: Layers, places: Places): string {
  const name = [places.name, ...path].join('.');
  const entry = layers.entryAt(path);
  return `${name}: ${detail.replace(/\.$/, '')}${entry ? ` (${entry.origin})` : waysTo(path, places)}.`;
}

/** Where what is missing may be given. */
function waysTo(path: Path, { files, prefix, hasArguments }: Places): string {
  const ways = [
    ...files.map((file) => `in ${file}`),
    ...(prefix === undefined ? [] : [`as ${variableName(path, prefix)}`]),
    ...(hasArguments ? [`as ${argumentOf(path)}=...`] : []),
  ];
  return ways.length === 0 ? '' : `; give it ${ways.join(', or ')}`;
}

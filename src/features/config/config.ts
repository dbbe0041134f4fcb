/** `config()`: a class whose object holds the configuration of an application, checked by a schema. */
import {
  checkOptions,
  type Feature,
  ObolError,
  type Output,
  PROVIDED_BY,
  rule,
  type Rules,
  type Schema,
} from '../../kit.js';
import { isPlain, Layers, wholeOf, type Entry } from './layers.js';
import type { Path } from './names.js';
import { sealed, secretsAmong } from './redacted.js';
import { settle, type Places } from './settle.js';
import { entriesOfArguments, entriesOfFile, entriesOfVariables, isEnvFile } from './sources.js';

/** Where a configuration comes from. Later ones win: what the schema fills in, files, `.env` files, the environment, arguments, `feature(...)`. */
export interface ConfigOptions {
  /**
   * Files of JSON, of YAML where the package `yaml` is installed, and of variables (`.env`, `.env.local`), seen from the working
   * directory. Of each kind later ones win. Those of variables may be missing. Default none.
   */
  readonly files?: readonly string[];
  /**
   * What its variables in the environment begin with, such as `SHOP_`: `SHOP_PORT` is `port`, `SHOP_DOCUMENT_ROOT` is
   * `documentRoot`, `SHOP_DATABASE__URL` is `database.url`. Default none are read.
   */
  readonly env?: string;
  /** Paths by the names of variables without that prefix, such as `{ PORT: 'port' }`. Default none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether arguments of the process count, such as `--port=80`; or those that do. Default false. */
  readonly args?: boolean | readonly string[];
  /** Paths that no print shows, besides what is called password, secret, token, key or the like, and addresses with a password. Default none. */
  readonly secrets?: readonly string[];
}

const PATH_RULE = rule.text('a path such as "database.password"', /^[^.]+(?:\.[^.]+)*$/);

const OPTION_RULES: Rules<ConfigOptions> = {
  files: rule.list('a list of file names', rule.text('a file name', /[^]/)),
  env: rule.text('what names of variables begin with, such as "SHOP_"', /^[A-Za-z_]\w*$/),
  variables: (value, name) =>
    isPlain(value)
      ? Object.entries(value)
          .map(([variable, path]) => PATH_RULE(path, `${name}.${variable}`))
          .find((mistake) => mistake !== undefined)
      : `${name}: it must hold paths by the names of variables, such as { PORT: 'port' }.`,
  args: (value, name) =>
    typeof value === 'boolean'
      ? undefined
      : rule.list('true, false or a list of arguments', rule.text('an argument', /[^]*/))(value, name),
  secrets: rule.list('a list of paths', PATH_RULE),
};

/** A class of a configuration; `class ShopConfig extends config(...) {}` names it. */
export interface ConfigClass<T> {
  /** Holds values as they are, unchecked: for tests. */
  new (values: T): T;
  /**
   * The configuration, read and checked when it is first asked for. It cannot be changed, and shows no secret when it is printed.
   * @throws ObolError E_CONFIG with all mistakes, and where each value stands
   */
  read<C>(this: new (...values: never[]) => C): C;
  /**
   * Gives the configuration to the classes of an application, under its class; its mistakes are among all others of bootstrap.
   * @param values for this application, such as one that is mounted beside others; they win over all other layers
   * @throws ObolError E_SETTING for values that are no object
   */
  feature(values?: Changes<T>): Feature;
}

/** Some of the values, at any depth. */
export type Changes<T> = T extends readonly unknown[] | Date
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> }
    : T;

/** All of a configuration, for reading alone. */
export type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/**
 * Makes the class of a configuration. Controllers and services take it as they take any class.
 *
 * @param schema of zod, valibot, arktype or any other library of Standard Schema; it must be synchronous
 * @example
 * ```ts
 * class ShopConfig extends config(z.object({ port: z.number().default(8080) }), { files: ['shop.json'], env: 'SHOP_' }) {}
 *
 * const app = await bootstrap({ controllers, features: [ShopConfig.feature()] });
 * await app.listen({ port: ShopConfig.read().port });
 * ```
 * @throws ObolError E_SETTING for a wrong option, E_CONFIG for no schema
 */
export function config<S extends Schema<unknown, object>>(
  schema: S,
  options: ConfigOptions = {},
): ConfigClass<Frozen<Output<S>>> {
  checkOptions('config', options, OPTION_RULES);
  assertSchema(schema);
  const isSecret = secretsAmong(options.secrets ?? []);
  const make = (own: ConfigOf, values: object = {}): object =>
    new own(settle(schema, layersOf(options, values), placesOf(own.name || 'config', options)) as object);

  // oxlint-disable-next-line typescript/no-extraneous-class -- programs extend it, and name it so
  class Config {
    constructor(values: object) {
      sealed(Object.assign(this, values), isSecret);
    }
  }
  const read = new WeakMap<ConfigOf, object>();
  return Object.assign(Config, {
    [PROVIDED_BY]: (own: ConfigOf) => `${own.name}.feature()`,

    read(this: ConfigOf): object {
      const own = read.get(this) ?? make(this);
      read.set(this, own);
      return own;
    },

    feature(this: ConfigOf & { read(): object }, values?: object): Feature {
      if (values !== undefined && !isPlain(values))
        throw new ObolError(
          'E_SETTING',
          `${this.name}.feature: a ${typeof values} holds no values; give an object, such as { port: 80 }.`,
        );
      let made: object | undefined;
      const own = (): object => (made ??= values ? make(this, values) : this.read());
      return { verify: () => void own(), providers: [{ provide: this, useFactory: own }] };
    },
  }) as unknown as ConfigClass<Frozen<Output<S>>>;
}

/** The class that a program has made of it. */
type ConfigOf = new (values: object) => object;

function assertSchema(schema: unknown): void {
  const standard = (schema as { readonly '~standard'?: { readonly validate?: unknown } } | undefined)?.[
    '~standard'
  ];
  if (typeof standard?.validate === 'function') return;
  throw new ObolError(
    'E_CONFIG',
    'config(): its first argument is no schema; give one of zod, valibot or arktype.',
  );
}

/** What is given, from the files to the values of one application. */
function layersOf(options: ConfigOptions, values: object): Layers {
  return new Layers([...entriesOf(options), wholeOf(values, 'given to feature()')]);
}

/** All that is given outside of the program, what wins last. */
function entriesOf({ files = [], env: prefix, variables = {}, args = false }: ConfigOptions): Entry[] {
  const names = {
    prefix,
    names: new Map<string, Path>(Object.entries(variables).map(([name, path]) => [name, path.split('.')])),
  };
  const ordered = [...files.filter((file) => !isEnvFile(file)), ...files.filter(isEnvFile)];
  const given = args === true ? process.argv.slice(2) : args || [];
  return [
    ...ordered.flatMap((file) => entriesOfFile(file, names)),
    ...entriesOfVariables(process.env, names, 'in the environment'),
    ...entriesOfArguments(given),
  ];
}

function placesOf(name: string, { files = [], env: prefix, args = false }: ConfigOptions): Places {
  return { name, files: files.filter((file) => !isEnvFile(file)), prefix, hasArguments: args !== false };
}

/** `compose()`: handlers put together by a configuration, of parts that the program names. */
import {
  checkOptions,
  handlerOf,
  type Middleware,
  ObolError,
  type Output,
  type Request,
  type Response,
  rule,
  type Rule,
  type Rules,
  type Schema,
  withDefaults,
} from '../../kit.js';
import type { HandlerLike } from './nested-table.js';
import { isPlain, wholeOf, type Plain } from '../config/layers.js';
import { objectOfFile } from '../config/sources.js';
import { Builder } from './declared/builder.js';
import { Mistakes } from './declared/mistakes.js';
import { Part, type Factory } from './declared/part.js';
import { SERVER, type ServerConfig } from './declared/server.js';
import { Variables } from './declared/variables.js';

/** What a configuration holds: an object of the program, or the content of a file of JSON or YAML. */
export interface CompositionConfig {
  /** Apps by name, of which `main` is the whole. Each is the name of another one, or `{ use, filters, ...options }`. */
  readonly apps: Readonly<Record<string, unknown>>;
  /** Filters by name, in the same way. Default none. */
  readonly filters?: Readonly<Record<string, unknown>>;
  /** Options that each app and filter of the program's own factories has, unless it has others. Default none. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Where to listen. Default nothing, which leaves it to the program. */
  readonly server?: Readonly<Record<string, unknown>>;
}

export interface ComposeOptions<S extends Schema<unknown, object> = Schema<unknown, ServerConfig>> {
  /** What makes apps, by the names that a configuration may `use`, besides `urlMap`, `cascade` and `mount`. Default none. */
  readonly apps?: Readonly<Record<string, Factory<HandlerLike>>> | undefined;
  /** What makes filters, which are middleware. Default none. */
  readonly filters?: Readonly<Record<string, Factory<Middleware>>> | undefined;
  /** Variables of the environment that may stand in texts of the configuration, as `${PORT}`. Default none. */
  readonly env?: readonly string[] | undefined;
  /** What `server` may be. Default `port` and `host`. */
  readonly server?: S | undefined;
}

/** A handler made by a configuration. */
export interface Composition<T> {
  (request: Request): Response | Promise<Response>;
  /** For `listen()`. */
  readonly server: T;
  /** The tables of those in it. */
  readonly table: { toJSON(): object };
  /** Closes the applications in it, the last one first. */
  close(): Promise<void>;
}

const FACTORY = rule.callable('(part) => handler, or middleware');
const FACTORIES: Rule = (value, name) => {
  if (!isPlain(value)) return rule.that('an object of functions by name', isPlain)(value, name);
  const mistakes = Object.entries(value).map(([each, factory]) => FACTORY(factory, `${name}.${each}`));
  return mistakes.filter((mistake) => mistake !== undefined).join('\n') || undefined;
};
const OPTION_RULES: Rules<ComposeOptions> = {
  ...rule.each(['apps', 'filters'], FACTORIES),
  env: rule.list('a list of names of variables', rule.text('the name of a variable', /^[A-Za-z_]\w*$/)),
  server: rule.any,
};

const EMPTY: Readonly<Record<keyof CompositionConfig, Plain>> = {
  apps: {},
  filters: {},
  defaults: {},
  server: {},
};
const OBJECT = rule.that('an object', isPlain);
const CONFIG_RULES: Rules<CompositionConfig> = {
  apps: rule.needed(OBJECT),
  ...rule.each(['filters', 'defaults', 'server'], OBJECT),
};

/**
 * Puts handlers together as a configuration describes it. What that may name are factories of the program: nothing in it is run
 * or loaded, and it reads no variables of the environment but those that the program allows.
 *
 * @param config an object, or the name of a file of JSON, or of YAML where the package `yaml` is installed
 * @throws ObolError E_CONFIG with all mistakes and their places, as a rejection; E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * const site = await compose('site.json', {
 *   apps: { static: (part) => staticFiles(part.options(z.object({ folder: z.string() })).folder), shop: () => shop },
 *   filters: { compression: () => compression() },
 *   env: ['PORT'],
 * });
 * await listen(site, site.server);
 * ```
 */
export async function compose<S extends Schema<unknown, object> = Schema<unknown, ServerConfig>>(
  config: string | CompositionConfig,
  options: ComposeOptions<S> = {},
): Promise<Composition<Output<S>>> {
  checkOptions('compose', options, OPTION_RULES);
  const file = typeof config === 'string' ? config : '';
  const mistakes = new Mistakes();
  const { server, ...parts } = filledIn(config, options.env ?? [], mistakes);
  const builder = new Builder({ ...parts, factories: options, file, mistakes });
  const main = await builder.build();
  const listening = serverOf({ server, file, schema: options.server ?? SERVER }, mistakes);
  if (mistakes.lines.length > 0) {
    await closeAll(builder.made).catch((error: unknown) => {
      mistakes.addThrown('close', error);
    });
    throw wrong(mistakes.lines, file, mistakes.cause);
  }
  const handle = handlerOf(main);
  return Object.assign((request: Request) => handle(request), {
    server: listening as Output<S>,
    table: { toJSON: () => main.table?.toJSON() ?? {} },
    close: () => closeAll(builder.made),
  });
}

/** The configuration with its variables filled in. @throws ObolError E_CONFIG for one that is none */
function filledIn(
  config: string | CompositionConfig,
  env: readonly string[],
  mistakes: Mistakes,
): typeof EMPTY {
  const isFile = typeof config === 'string';
  const given: unknown = isFile ? objectOfFile(config) : config;
  const lines = rule.options(CONFIG_RULES)(given, '')?.split('\n') ?? [];
  if (lines.length > 0)
    throw wrong(
      lines.map((line) => line.replace(/^(?:\.|: )/, '')),
      isFile ? config : '',
    );
  const variables = new Variables(env, mistakes);
  return withDefaults(EMPTY, variables.fill(given, '') as Partial<typeof EMPTY>);
}

interface ServerInit {
  readonly server: Plain;
  readonly file: string;
  readonly schema: Schema<unknown, object>;
}

function serverOf({ server, file, schema }: ServerInit, mistakes: Mistakes): object {
  const layers = [wholeOf(server, 'server')];
  const refer = (): never => {
    throw new ObolError('E_CONFIG', 'server: it has no apps.');
  };
  try {
    return new Part({ place: 'server', file, layers, refer }).options(schema);
  } catch (error) {
    mistakes.addThrown('server', error);
    return {};
  }
}

function wrong(mistakes: readonly string[], file: string, cause?: unknown): ObolError {
  const lead = file === '' ? '' : `${file}: `;
  return new ObolError('E_CONFIG', mistakes.map((mistake) => lead + mistake).join('\n'), { cause });
}

/** Applications end what they have begun. What was made last may need what was made first. @throws what the first threw that failed */
async function closeAll(made: Iterable<HandlerLike>): Promise<void> {
  const failures: unknown[] = [];
  for (const handler of [...made].reverse()) {
    try {
      if ('close' in handler) await handler.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

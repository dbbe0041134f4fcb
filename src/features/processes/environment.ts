/** The environment of a program: it starts empty, since that of a server is full of secrets. */

/** What programs need to find others, and to write texts and times as the server does. */
const PASSED: readonly string[] = ['PATH', 'LANG', 'TZ', 'SystemRoot'];
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

/**
 * The variables that a program gets.
 * @param names of more variables of the server that are passed on
 * @param own variables of its own, which win
 */
export function environmentOf(
  names: readonly string[] = [],
  own: Environment = {},
  server: NodeJS.ProcessEnv = process.env,
): Environment {
  const environment: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of [...PASSED, ...names]) {
    const value = server[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...own };
}

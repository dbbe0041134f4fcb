/** Options of an application that stand in the environment. */

const PREFIX = 'app_';

/**
 * The variables that begin with `app_`, in any letter case, for settings of the application's own.
 * @returns an object without a prototype: names in lower case without the prefix, values without white space around
 *
 * @example
 * ```ts
 * // app_Greeting="Hello" node main.js
 * const { greeting = 'Hi' } = getOptions();
 * ```
 */
export function getOptions(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const options = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(environment)) {
    const key = name.toLowerCase();
    if (key.startsWith(PREFIX) && value !== undefined) options[key.slice(PREFIX.length)] = value.trim();
  }
  return options;
}

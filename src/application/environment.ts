/** Settings that the environment of a process gives its application, over those of the code. */
import { variableName } from '../ground/variable-name.js';
import type { Report } from './report.js';
import type { BootstrapOptions } from './options.js';

type Named = { readonly [K in keyof BootstrapOptions]?: 'flag' | 'text' };

/** Those that may stand there: `documentRoot` is `OBOL_DOCUMENT_ROOT`. */
const SETTINGS = {
  debug: 'flag',
  documentRoot: 'text',
  documentIndex: 'flag',
  autoArgs: 'flag',
  autoForm: 'flag',
  autoJson: 'flag',
  autoData: 'flag',
  autoCookies: 'flag',
  keepBlankValues: 'flag',
  strictParsing: 'flag',
  poweredBy: 'flag',
} as const satisfies Named;

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...['on', 'true', 'yes', '1'].map((word) => [word, true] as const),
  ...['off', 'false', 'no', '0'].map((word) => [word, false] as const),
]);

/** The options, and over them what the environment says. A variable that is empty says nothing. */
export function withEnvironment(
  options: BootstrapOptions,
  report: Report,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): BootstrapOptions {
  if (options.environment === false) return options;
  const given: Record<string, unknown> = {};
  for (const [option, kind] of Object.entries(SETTINGS)) {
    const name = variableName([option]);
    const text = variables[name];
    if (text === undefined || text === '') continue;
    const value = kind === 'text' ? text : FLAGS.get(text.toLowerCase());
    if (value === undefined) report({ code: 'E_SETTING', message: notFlag(name, text) });
    else given[option] = value;
  }
  return { ...options, ...given };
}

function notFlag(name: string, text: string): string {
  return `${name} in the environment: ${JSON.stringify(text.slice(0, 100))} is neither "on" nor "off".`;
}

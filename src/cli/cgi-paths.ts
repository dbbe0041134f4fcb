/** The URL paths of `obol serve --cgi`. */
import { usageError } from './command.js';

/** What `--cgi` by itself means, as in Python's http.server. */
const DEFAULT_PATHS = ['/cgi-bin', '/htbin'];

/** Gives `--cgi` by itself the form that has a value, since Node knows no options whose value may be left out. */
export function withCgiPaths(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => (arg === '--cgi' && (end < 0 || index < end) ? '--cgi=' : arg));
}

/**
 * The default paths and those that were given, each once.
 * @param given the values of the option, empty where it had none
 * @throws CommandError 2 for what is no path, and on Windows
 */
export function cgiPathsOf(given: readonly string[], platform = process.platform): readonly string[] {
  if (platform === 'win32') throw usageError('--cgi needs a Unix: Linux, macOS, or WSL on Windows.');
  return [...new Set([...DEFAULT_PATHS, ...given.filter((path) => path !== '').map(cgiPathOf)])];
}

/** Segments between single slashes. None is `.` or `..`, and none holds what stands for something else in URLs. */
function cgiPathOf(text: string): string {
  const path = text.endsWith('/') ? text.slice(0, -1) : text;
  if (/^(?:\/(?!\.{1,2}(?:\/|$))[^/\\?#%<>\p{Cc}]+)+$/u.test(path)) return path;
  throw usageError(
    `--cgi: ${JSON.stringify(text)} is no path of a folder in URLs; write it as --cgi=/sub/dir/cgi-bin.`,
  );
}

/** The errors a developer can make: one catalogue of stable codes, and the classes that carry them. */
import { brand, isInstance } from './brand.js';

/** Every developer error has one of these codes; the text says what the code stands for. */
export const ERROR_CODES = {
  E_ABORT: 'abort() was given something that is neither an error status nor a response',
  E_ACTION_PARAMETERS: 'a handler asks for more arguments than its path gives',
  E_AUTH: 'a guard asks who the user is, but the application has no settings for that',
  E_BASE: 'a view of a request begins with what its path does not',
  E_BODY_READ: 'a body was read before Obol got the request, and cannot be had again',
  E_BOOTSTRAP: 'bootstrap found mistakes; each is listed with its own code',
  E_CONFIG: 'a configuration is not as its schema has it, or cannot be read',
  E_CONTRACT: 'a contract is none, or a handler gave what its contract does not have',
  E_CONTROLLER: 'a controller is not a class decorated with @Controller',
  E_CONTROLLER_EMPTY: 'no controllers were given or found',
  E_COOKIE: 'a cookie cannot be set as asked',
  E_COPIES: 'two copies of Obol whose major versions differ are in one process',
  E_CSP_NONCE: 'a nonce was asked for after the head of the response had gone out',
  E_CSRF: 'a token against forged requests was asked for where there can be none',
  E_DECORATOR: 'a decorator stands where it has no effect, or without its parentheses',
  E_DEPENDENCY: 'a constructor parameter cannot be injected',
  E_DEPENDENCY_CYCLE: 'constructors depend on each other in a circle',
  E_DEPENDENCY_SCOPE: 'a singleton takes an object that exists once per request',
  E_ERROR_CLASS: '@ErrorHandler was given something that is not an error class',
  E_ETAG: 'an entity tag is malformed, or was asked of a stream',
  E_EVENT: 'a server-sent event cannot be sent as asked',
  E_FEATURE: 'two features of an application are of one kind',
  E_FILE_ROUTE: 'a file of a folder of routes cannot be routed',
  E_FILE_SINK: 'the content of an uploaded file was asked for, but a sink took it',
  E_FILTER: 'a path filter is registered with a wrong name or pattern',
  E_HANDLER: 'something that is not a handler was given where one is needed',
  E_HANDLER_DUPLICATE: 'a hook, or the handler of a state, an error or what has no route, is there already',
  E_HANDLER_MISSING: 'a hook or handler to be removed does not exist',
  E_HEADERS: 'headers were not given as names with values, nor as a list of pairs',
  E_HEADER_NAME: 'a header name is not a token (RFC 9110 5.6.2)',
  E_HEADER_VALUE: 'a header cannot have the value, or not a second one (RFC 9110 5.3, 5.5)',
  E_HOOK_STATIC: 'a decorator stands on a static member',
  E_LISTEN: 'the application was asked to listen twice, or after it was closed',
  E_METADATA: 'decorator metadata is missing',
  E_METHOD: 'an HTTP method is not known',
  E_MIDDLEWARE: 'something that is not a function was given as middleware, or it returned no response',
  E_MODULE:
    'a module tree has a name that cannot be reached, a name or a page twice, or a class that is no module',
  E_MOUNT: 'a place for a handler cannot be read, or has one already',
  E_PACKAGE: 'a package that is needed only here is not installed',
  E_PASSWORD: 'a user name, password or hash is not one that can be kept',
  E_PASSWORD_FILE: 'a password file cannot be read, written or locked',
  E_PATH_PREFIX: 'a path value is routed in a controller below whose prefix it does not lie',
  E_PATH_TEMPLATE: 'a path template cannot be read',
  E_PATTERN_COST: 'a pattern may take more than linear time for some paths',
  E_PLATFORM: 'a feature was asked for on a system that has not what it needs',
  E_RANGE: 'a range is not a pair of positions',
  E_REQUEST_LOCAL: 'a value of the request under way was asked for where there is none',
  E_RESPONSE_REUSED: 'a response with a stream was sent twice',
  E_RESPONSE_TYPE: 'a handler returned a value that cannot become a response',
  E_ROUTE_DUPLICATE: 'the same path and method is routed twice',
  E_ROUTE_FILTER: 'a path template names an unknown filter',
  E_ROUTE_MISSING: 'a route to be removed, or to build a URL for, does not exist',
  E_SESSION_DATA: 'a session was given a value that is no plain JSON, or a key it may not have',
  E_SESSION_EXPIRY: 'a session cannot end at a moment that is past',
  E_SESSION_FEATURE: 'sessions are used that the application does not have among its features',
  E_SESSION_KEY: 'a key of sessions is missing, weak or there twice',
  E_SESSION_LOAD: 'a session was used before its store had answered',
  E_SESSION_SENT: 'a session was changed after the head of the response had gone out',
  E_SESSION_SIZE: 'a session holds more than it has room for',
  E_SETTING: 'a setting has a wrong value',
  E_STATUS: 'a status code is not one a response can have',
  E_SUBREQUEST: 'a request was made within one that nothing answers',
  E_TRANSACTION: 'a transaction was used where there is none, or cannot be as asked',
  E_UPGRADE: 'a connection cannot be taken over as asked',
  E_URL: 'a text is no URL of the web, or none that a link may lead to',
  E_URL_PARAMETER: 'a URL cannot be built from the given parameters',
  E_WRITE: 'write() was called on a response whose body cannot grow',
} as const;

/** One of the stable codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** A mistake in the program, not in a request: says what is wrong, where, and what to do. */
export class ObolError extends Error {
  static {
    brand(this, 'ObolError');
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(value, this);
  }

  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One mistake found while the application was put together. */
export interface Problem {
  readonly code: ErrorCode;
  /** What is wrong, with the value quoted, and what to do. */
  readonly message: string;
  /** `Class.member` or the class alone, where known. */
  readonly member?: string;
  /** `file:line:column` of the decorator, where known. */
  readonly place?: string;
}

/** Thrown by `bootstrap` with **all** mistakes found, before anything listens. */
export class ConfigurationError extends ObolError {
  static {
    brand(this, 'ConfigurationError');
  }

  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 mistake' : `${String(problems.length)} mistakes`;
    super('E_BOOTSTRAP', `The application has ${count}:\n${problems.map(describe).join('\n')}`);
    this.problems = problems;
    // The message lists them all; printing the error shall not list them twice.
    Object.defineProperty(this, 'problems', { enumerable: false });
  }
}

function describe(problem: Problem, index: number): string {
  const where = [problem.member, problem.place && `(${problem.place})`].filter(Boolean).join(' ');
  const lead = `  ${String(index + 1)}. ${problem.code}${where && ` ${where}`}`;
  return `${lead}\n     ${problem.message.replaceAll('\n', '\n     ')}`;
}

/** `"name"`, with the nearest known spelling when one is near. @returns text such as ` Did you mean "int"?` or `''` */
export function didYouMean(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(at(row, j - 1) + 1, at(previous, j) + 1, at(previous, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, at(beforePrevious, j - 2) + 1);
      }
      row.push(value);
    }
    [beforePrevious, previous] = [previous, row];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

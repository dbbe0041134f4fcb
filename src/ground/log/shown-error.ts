/** What a log shows of an error: plain text of bounded length, whatever was thrown. */
import { inspect } from 'node:util';
import { isError } from '../realms.js';

/** An error with the names that pino gives its parts. */
export interface ShownError {
  /** The name of its class, or the type of a thrown value that is no error. */
  readonly type: string;
  readonly message: string;
  /** As V8 writes it; `''` where there is none. */
  readonly stack: string;
  readonly code?: string | undefined;
  readonly cause?: ShownError | undefined;
  readonly aggregateErrors?: readonly ShownError[] | undefined;
}

const MAX_MESSAGE = 2048;
const MAX_STACK = 4096;
/** Causes of causes. */
const MAX_DEPTH = 4;
const MAX_AGGREGATE = 5;

/** Reads nothing but these parts: what else an error carries, such as the request of a client, may be secret. Throws nothing. */
export function showError(thrown: unknown, depth = 0): ShownError {
  try {
    return isError(thrown) ? partsOf(thrown, depth) : thrownValue(thrown);
  } catch {
    return { type: 'unknown', message: 'thrown a value that cannot be shown', stack: '' };
  }
}

function partsOf(error: Error, depth: number): ShownError {
  const { message, stack, cause } = error;
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: unknown };
  const isDeep = depth >= MAX_DEPTH;
  return {
    type: typeOf(error),
    message: shortened(message, MAX_MESSAGE),
    stack: shortened(stack, MAX_STACK),
    code: typeof code === 'string' ? code.slice(0, 64) : undefined,
    cause: cause === undefined || isDeep ? undefined : showError(cause, depth + 1),
    aggregateErrors: Array.isArray(errors) && !isDeep ? several(errors, depth) : undefined,
  };
}

function shortened(text: unknown, most: number): string {
  return typeof text === 'string' ? text.slice(0, most) : '';
}

function several(errors: readonly unknown[], depth: number): ShownError[] {
  return errors.slice(0, MAX_AGGREGATE).map((each) => showError(each, depth + 1));
}

function thrownValue(value: unknown): ShownError {
  const shown = inspect(value, { depth: 1, maxStringLength: MAX_MESSAGE, breakLength: Infinity });
  return { type: typeof value, message: `thrown ${shown.slice(0, MAX_MESSAGE)}`, stack: '' };
}

/** A value as text. Throws nothing. */
export function shownValue(value: unknown): string {
  try {
    if (isError(value)) return showError(value).message;
    return inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 256, breakLength: Infinity });
  } catch {
    return 'a value that cannot be shown';
  }
}

/** A class that gives its errors no name has one itself. */
function typeOf(error: Error): string {
  const { name } = error;
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name.slice(0, 128);
  return (error.constructor as { readonly name?: string } | undefined)?.name ?? 'Error';
}

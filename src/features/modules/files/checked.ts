/** A check of options as a schema, so that a configuration says where what is wrong stands. */
import { ObolError, type Schema } from '../../../kit.js';

/** How the check calls what it looks at: each line of its message begins with this, and with the way to what is wrong. */
const ROOT = 'it';
const LINE = new RegExp(`^${ROOT}((?:\\.[\\w-]+|\\[\\d+\\])*): (.*)$`, 's');

/** @param check throws an ObolError with a line for each mistake */
export function checkedBy<T extends object>(check: (name: string, value: T) => void): Schema<T, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'obol',
      validate: (value) => {
        try {
          check(ROOT, value as T);
          return { value: value as T };
        } catch (error) {
          if (!(error instanceof ObolError)) throw error;
          return { issues: error.message.split('\n').map(issueOf) };
        }
      },
    },
  };
}

function issueOf(line: string): { readonly message: string; readonly path: string[] } {
  const [, way = '', message = line] = LINE.exec(line) ?? [];
  // Values are for their owner alone: messages of a configuration show none.
  return { message: message.replace(/^.*? is not /s, 'it is not '), path: way.match(/[\w-]+/g) ?? [] };
}

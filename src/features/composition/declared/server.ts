/** What a configuration may say of the server, where the program has no schema for that. */
import type { Schema } from '../../../kit.js';

/** For `listen()`. */
export interface ServerConfig {
  readonly port?: number;
  readonly host?: string;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly string[];
}

const MEMBERS: Readonly<Record<keyof ServerConfig, [right: string, isRight: (value: unknown) => boolean]>> = {
  port: [
    'a port, from 0 to 65535',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ],
  host: ['a host name or an address', (value) => typeof value === 'string' && value !== ''],
};

export const SERVER: Schema<unknown, ServerConfig> = {
  '~standard': {
    version: 1,
    vendor: 'obol',
    validate: (value) => {
      const issues = Object.entries(value as object).flatMap(([name, given]) => issuesOf(name, given));
      return issues.length > 0 ? { issues } : { value };
    },
  },
};

function issuesOf(name: string, given: unknown): Issue[] {
  if (!Object.hasOwn(MEMBERS, name))
    return [
      { message: `there is no such option; there are ${Object.keys(MEMBERS).join(' and ')}`, path: [name] },
    ];
  const [right, isRight] = MEMBERS[name as keyof ServerConfig];
  return isRight(given) ? [] : [{ message: `it must be ${right}`, path: [name] }];
}

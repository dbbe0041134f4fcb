/** A file of configuration: read once, of bounded size, and quoted by its name in every message about it. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertSetting, ObolError, rule } from '../../../kit.js';

/** A file that was read. */
export interface ConfigurationFile {
  /** Absolute. */
  readonly path: string;
  /** The folder that relative paths in it begin in. */
  readonly folder: string;
  readonly text: string;
}

const MAX_SIZE = 1024 * 1024;

/**
 * @param taker what stands in the message, such as `modulesFile`
 * @throws ObolError E_SETTING for a file that cannot be read, is over 1 MiB or no UTF-8
 */
export function readConfiguration(taker: string, file: string | URL): ConfigurationFile {
  assertSetting(`${taker}.file`, file, rule.path);
  const path = resolve(typeof file === 'string' ? file : fileURLToPath(file));
  const wrong = (what: string, cause?: unknown): ObolError =>
    new ObolError('E_SETTING', `${taker}: ${JSON.stringify(path)} ${what}.`, { cause });
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) throw wrong('is no file; a relative path begins in the working directory');
    if (stats.size > MAX_SIZE) throw wrong('has more than 1 MiB, which no configuration needs');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return { path, folder: dirname(path), text };
  } catch (cause) {
    if (cause instanceof ObolError) throw cause;
    throw wrong(cause instanceof TypeError ? 'is not UTF-8' : 'cannot be read', cause);
  }
}

/** The JSON in a file. @throws ObolError E_SETTING where it is none */
export function parseConfiguration(taker: string, { path, text }: ConfigurationFile): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new ObolError('E_SETTING', `${taker}: ${JSON.stringify(path)} is not valid JSON: ${why}.`, {
      cause,
    });
  }
  throw new ObolError('E_SETTING', `${taker}: ${JSON.stringify(path)} holds no JSON object.`);
}

/** `logger()`: what to write, where to, and whether for people or machines. */
import { isatty } from 'node:tty';
import { ObolError } from '../errors.js';
import { checkOptions, rule, type Rules } from '../settings.js';
import { JsonLog } from './json-log.js';
import { LEVELS, type Level, type Log } from './log.js';
import { isForPeople, showsColour } from './logger.js';
import { ReadableLog } from './readable-log.js';
import { fileSink, STANDARD_ERROR, standardError, streamSink, type LogStream, type Sink } from './sink.js';

/** How a log is written. */
export interface LoggerOptions {
  /** The least important level that is written; `silent` for none. Default `info`. */
  readonly level?: Level | 'silent' | undefined;
  /** A file to add lines to, made where it is not there. Default none: the standard error stream. */
  readonly file?: string | URL | undefined;
  /** In place of a file: what lines are written to, such as `process.stdout`. Default none. */
  readonly stream?: LogStream | undefined;
  /**
   * Text for people in place of JSON lines. Default: whether lines go to a terminal, or to the standard error stream in
   * development (NODE_ENV `development` or `test`).
   */
  readonly pretty?: boolean | undefined;
  /** Colours in such text. Default: whether lines go to a terminal and NO_COLOR is not set. */
  readonly colour?: boolean | undefined;
}

const FILE_RULE: Rules<LoggerOptions>['file'] = (value, name) =>
  value instanceof URL ? undefined : rule.text('the path of a file')(value, name);

const RULES: Rules<LoggerOptions> = {
  level: rule.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  file: FILE_RULE,
  stream: rule.methods(['write'], 'a stream, such as process.stdout'),
  pretty: rule.flag,
  colour: rule.flag,
};

/**
 * A logger for an application, its server and scripts: JSON lines with the names of pino, or text that people read.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, logger: logger({ level: 'debug', file: 'app.log' }) });
 * ```
 * @throws ObolError E_SETTING for a wrong option, or a file that cannot be written to
 */
export function logger(options: LoggerOptions = {}): Log {
  checkOptions('logger', options, RULES);
  const { level = 'info' } = options;
  const { sink, isTerminal, isReadable } = targetOf(options);
  const { pretty = isReadable, colour = showsColour(isTerminal) } = options;
  const least = level === 'silent' ? Infinity : LEVELS[level];
  return pretty ? new ReadableLog(sink, { least, colour }) : new JsonLog(sink, least);
}

/** Where lines go, and whether people look there. */
interface Target {
  readonly sink: Sink;
  readonly isTerminal: boolean;
  readonly isReadable: boolean;
}

function targetOf({ file, stream }: LoggerOptions): Target {
  if (file !== undefined && stream)
    throw new ObolError('E_SETTING', 'logger: file and stream exclude each other; give one of them.');
  if (file !== undefined) return { sink: fileSink(file), isTerminal: false, isReadable: false };
  if (!stream) return { sink: standardError, isTerminal: isatty(STANDARD_ERROR), isReadable: isForPeople() };
  const isTerminal = stream.isTTY === true;
  return { sink: streamSink(stream), isTerminal, isReadable: isTerminal };
}

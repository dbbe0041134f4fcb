/** `obol/log`: logs for people and machines, and the log of the application for classes that write to it. */
export { LEVELS, Log, type Fields, type Level, type Logger, type LogLine, type LogMethod } from './log.js';
export { logger, type LoggerOptions } from './make-logger.js';

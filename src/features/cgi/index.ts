/** `obol/cgi`: programs and scripts that answer requests by the Common Gateway Interface (RFC 3875). Unix only. */
export {
  cgiDirectories,
  cgiDirectory,
  type CgiDirectoriesOptions,
  type CgiDirectory,
  type CgiDirectoryOptions,
} from './cgi-directory.js';
export { cgiProgram, type CgiProgramOptions } from './cgi-program.js';
export type { CgiOptions, ScriptOptions } from './options.js';
export type { FolderOptions, ScriptHandler } from './script-handler.js';
export { ownerOf } from '../processes/account.js';
export type { ProgramOptions } from '../processes/options.js';

/** The options of CGI scripts, and what is decided once from them. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertSetting, checkOptions, type Request, rule, type Rules } from '../../kit.js';
import { PROGRAM_RULES, programPlan, type ProgramOptions, type ProgramPlan } from '../processes/options.js';

/** Options of all scripts, however they are run. */
export interface ScriptOptions {
  /** Bytes of a body; a longer one is answered 413. Default 32 MiB. */
  readonly maxBody?: number | undefined;
  /** The folder that a script takes the rest of the path to lie in (PATH_TRANSLATED). Default that of the scripts. */
  readonly documentRoot?: string | URL | undefined;
  /** Whether scripts get the credentials of the client (HTTP_AUTHORIZATION), to check them themselves. Default false. */
  readonly passAuthorization?: boolean | undefined;
  /** Whom scripts are to see (REMOTE_USER). Default `request.user`, where it is a text, or has one as its `name`. */
  readonly remoteUser?: ((request: Request) => string | undefined) | undefined;
}

export interface CgiOptions extends ProgramOptions, ScriptOptions {
  /**
   * Whether a query without `=` becomes arguments of the script (RFC 3875 4.4); never one that has a word that begins with `-`.
   * Default false.
   */
  readonly indexedQuery?: boolean | undefined;
}

/** What is decided once of all scripts. */
export interface ScriptPlan {
  readonly maxBody: number;
  readonly documentRoot: string;
  readonly passAuthorization: boolean;
  readonly remoteUser: (request: Request) => string | undefined;
}

/** What is decided once. */
export interface CgiPlan extends ScriptPlan {
  readonly programs: ProgramPlan;
  readonly indexedQuery: boolean;
}

const USER = rule.text('the name of a user, or undefined', /^[^\0]*$/);
const MAX_BODY = 32 * 1024 * 1024;

/** To be spread into the rules of a handler's own options. */
export const SCRIPT_RULES: Rules<ScriptOptions> = {
  maxBody: rule.whole('bytes', { least: 0 }),
  documentRoot: rule.path,
  passAuthorization: rule.flag,
  remoteUser: rule.callable('(request) => string or undefined'),
};

/** The same. */
export const CGI_RULES: Rules<CgiOptions> = { ...PROGRAM_RULES, ...SCRIPT_RULES, indexedQuery: rule.flag };

/** @param folder where the scripts are */
export function scriptPlan(options: ScriptOptions, folder: string): ScriptPlan {
  return {
    maxBody: options.maxBody ?? MAX_BODY,
    documentRoot: pathOf(options.documentRoot ?? folder),
    passAuthorization: options.passAuthorization ?? false,
    remoteUser: textOf(options.remoteUser ?? nameOfUser),
  };
}

/** A promise, most of all, would be taken for a name by a script. @throws ObolError E_SETTING in the place of a wrong name */
function textOf(remoteUser: ScriptPlan['remoteUser']): ScriptPlan['remoteUser'] {
  return (request) => {
    const user: unknown = remoteUser(request);
    if (user !== undefined) assertSetting('remoteUser', user, USER);
    return user as string | undefined;
  };
}

/**
 * @param name of the handler, for messages
 * @param folder where the scripts are
 * @throws ObolError E_SETTING for a wrong option, E_PLATFORM where there is no Unix
 */
export function cgiPlan<T extends CgiOptions>(
  name: string,
  options: T,
  { rules, folder }: { readonly rules: Rules<T>; readonly folder: string },
): CgiPlan {
  checkOptions(name, options, rules);
  return {
    ...scriptPlan(options, folder),
    programs: programPlan(name, options),
    indexedQuery: options.indexedQuery ?? false,
  };
}

/** The absolute path. @throws ObolError E_SETTING for what is none */
export function pathOf(path: string | URL): string {
  assertSetting('the folder or file', path, rule.path);
  return resolve(typeof path === 'string' ? path : fileURLToPath(path));
}

function nameOfUser({ user }: Request): string | undefined {
  const name = typeof user === 'object' && user !== null && 'name' in user ? user.name : user;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

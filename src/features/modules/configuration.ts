/** What modules may know of the server. */

/** Who may use modules. */
export interface SwitchOptions {
  /** Whether who is not logged in may. Default true; else browsers are sent to the form that logs in, and the rest gets 401. */
  readonly acceptUnauthenticatedUser?: boolean | undefined;
  /** Whether a login that `users` does not know may, as the user `Unknown` of id 1. Default false: 403. */
  readonly acceptUnknownUser?: boolean | undefined;
}

/** Where and how the application writes its log. */
export interface LogSettings {
  readonly level?: string;
  readonly file?: string;
  readonly format?: string;
  readonly dateFormat?: string;
  readonly encoding?: string;
}

/** What an application says of itself to its modules. Nothing secret belongs here: every module can show it. */
export interface ServerDescription {
  /** The address that it listens on. */
  readonly interface?: string | undefined;
  readonly port?: number | undefined;
  /** Whether security headers and the checks of requests are on. Default true. */
  readonly security?: boolean | undefined;
  /** How users log in, such as `['basic', 'form']`. Default none. */
  readonly loginMethods?: readonly string[] | undefined;
  /** Folders of module files. Default none. */
  readonly modulesPath?: readonly string[] | undefined;
  /** Folders of scripts. Default none. */
  readonly scriptsPath?: readonly string[] | undefined;
  readonly log?: LogSettings | undefined;
  /** Wrong passwords after which a client is blocked; undefined where it never is. */
  readonly failuresToBlock?: number | undefined;
  /** Seconds for which it is. */
  readonly blockSeconds?: number | undefined;
}

/** What modules read, and cannot change. */
export interface ModuleConfiguration extends ServerDescription {
  readonly debug: boolean;
  readonly security: boolean;
  readonly loginMethods: readonly string[];
  readonly acceptUnauthenticatedUser: boolean;
  readonly acceptUnknownUser: boolean;
  /** The names of the modules at the top. */
  readonly modules: readonly string[];
  readonly modulesPath: readonly string[];
  readonly scriptsPath: readonly string[];
  readonly log: LogSettings;
}

/** What is known of modules besides. */
interface Known extends Pick<ModuleConfiguration, 'acceptUnauthenticatedUser' | 'acceptUnknownUser'> {
  readonly modules: readonly string[];
  readonly debug: boolean;
}

/** A copy in which nothing can be changed. */
export function configurationOf(description: ServerDescription, known: Known): ModuleConfiguration {
  const { interface: address, port, failuresToBlock, blockSeconds } = description;
  return Object.freeze({
    interface: address,
    port,
    debug: known.debug,
    security: description.security ?? true,
    loginMethods: frozen(description.loginMethods),
    acceptUnauthenticatedUser: known.acceptUnauthenticatedUser,
    acceptUnknownUser: known.acceptUnknownUser,
    modules: frozen(known.modules),
    modulesPath: frozen(description.modulesPath),
    scriptsPath: frozen(description.scriptsPath),
    log: Object.freeze({ ...description.log }),
    failuresToBlock,
    blockSeconds,
  });
}

function frozen(list: readonly string[] = []): readonly string[] {
  return Object.freeze([...list]);
}

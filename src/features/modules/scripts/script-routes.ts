/** Scripts in an application: a page for each, with guards before it, and one that lists them. */
import {
  ContextKey,
  createGuard,
  escapeHtml,
  type Feature,
  type Guard,
  guardSources,
  type Handler,
  htmlPage,
  HttpError,
  type Request,
  Response,
  rule,
} from '../../../kit.js';
import { dependsOnLogin } from '../../auth/login/keeper.js';
import { Groups, MinimumAccess } from '../../auth/access/groups.js';
import type { CsrfOptions } from '../../csrf/options.js';
import { CommandRunner } from './command-runner.js';
import {
  type DeclaredIn,
  runnerOptions,
  type ScriptDeclaration,
  type ScriptDeclarations,
} from './declaration.js';

type FeatureRoute = NonNullable<Feature['routes']>[number];
type Guards = NonNullable<FeatureRoute['guards']>;

/** What is the same for all scripts of a feature. */
export interface ScriptRoutesOptions {
  /** The path of the page that lists them, below which they have theirs. Default `/scripts`. */
  readonly path?: string | undefined;
  /** Before all of them, such as `[CheckFormLogin()]`. Default none. */
  readonly guards?: Guards | undefined;
  /**
   * What distinguishes their forms from those of other sites; as for `csrf()`. Default its defaults, but that without `origins` only
   * the address counts that the connection has reached: behind a proxy, name them.
   */
  readonly csrf?: CsrfOptions | undefined;
}

/** Of the path of the list. */
export const LIST_PATH_RULE = rule.text('a path such as "/scripts"', /^(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+$/);

/** Declarations, and where they stand. */
export interface ScriptSet {
  readonly declarations: ScriptDeclarations;
  readonly where: DeclaredIn;
}

/** A feature that has a page for each script, and one that lists them. @throws ObolError E_SETTING where a file of one is not there */
export function scriptRoutes(sets: readonly ScriptSet[], options: ScriptRoutesOptions): Feature {
  const { path = '/scripts', guards = [] } = options;
  const offered = sets.flatMap(({ declarations, where }) =>
    Object.entries(declarations).map(([name, declaration]) => offer(name, declaration, { where, options })),
  );
  const listScripts = (request: Request): Response => listPage(request, request.get(RUNNABLE) ?? offered);
  const isRestricted = offered.some(({ own }) => own.length > 0);
  const list = {
    path: `${path}/`,
    handler: listScripts,
    guards: isRestricted ? [...guards, Runnable(offered)] : guards,
  };
  const isListTaken = offered.some((script) => script.path === list.path);
  return {
    routes: isListTaken ? offered.map(routeOf) : [list, ...offered.map(routeOf)],
    close: async () => {
      await Promise.all(offered.map(({ runner }) => runner.close()));
    },
  };
}

/** A script with its place in an application. */
interface Offered {
  readonly name: string;
  readonly path: string;
  readonly runner: CommandRunner;
  /** All that stand before it. */
  readonly guards: Guards;
  /** Those of them that do not stand before all scripts. */
  readonly own: Guards;
}

/** The scripts that a client may run. */
const RUNNABLE = new ContextKey<readonly Offered[]>('obol.runnable-scripts', { ofApplication: true });

/** Refuses no client, and finds the scripts that the guards of each let the client run. */
const Runnable = createGuard('Runnable', (setup, offered: readonly Offered[]) => {
  const checked = offered.map((script) => ({
    script,
    checks: guardSources('scripts', script.own).map(({ bind }) => bind(setup)),
  }));
  return async (request) => {
    const found: Offered[] = [];
    for (const { script, checks } of checked) if (await letsThrough(checks, request)) found.push(script);
    request.set(RUNNABLE, found);
    dependsOnLogin(request);
  };
});

async function letsThrough(checks: readonly Guard[], request: Request): Promise<boolean> {
  try {
    for (const check of checks) await check(request);
    return true;
  } catch (error) {
    if (error instanceof HttpError && [401, 403].includes(error.status)) return false;
    throw error;
  }
}

function offer(
  name: string,
  declaration: ScriptDeclaration,
  { where, options }: { readonly where: DeclaredIn; readonly options: ScriptRoutesOptions },
): Offered {
  const { path = '/scripts', guards = [], csrf } = options;
  const own = guardsOf(declaration);
  const runner = new CommandRunner({ title: name, ...runnerOptions(declaration, where), csrf });
  return {
    name,
    path: declaration.path ?? `${path}/${name}`,
    runner,
    guards: [...guards, ...own],
    own,
  };
}

function guardsOf({ groups, minimumLevel }: ScriptDeclaration): Guards {
  return [
    ...(groups ? [Groups(...groups)] : []),
    ...(minimumLevel === undefined ? [] : [MinimumAccess(minimumLevel)]),
  ];
}

/** The table shows the name of the function. */
function routeOf({ name, path, runner, guards }: Offered): FeatureRoute {
  const handler: Handler = (request) => runner.handle(request);
  Object.defineProperty(handler, 'name', { value: name });
  // The runner reads the body itself, when it knows where it comes from.
  const body = { json: false, form: false, data: false } as const;
  return { path, handler, methods: ['GET', 'POST'], guards, body };
}

function listPage(request: Request, offered: readonly Offered[]): Response {
  const { baseUrl } = request.application;
  const links = offered.map(({ path, runner: { title, description } }) => {
    const below = description === '' ? '' : `<br><small>${escapeHtml(description)}</small>`;
    return `<li><a href="${escapeHtml(baseUrl + path)}">${escapeHtml(title)}</a>${below}</li>`;
  });
  return new Response(htmlPage({ title: 'Scripts', main: `<ul>\n${links.join('\n')}\n</ul>` }));
}

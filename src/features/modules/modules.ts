/** `modules()`: a tree of classes whose marked methods answer `/module/method/filename`. */
import { andThen, type Feature, type HttpError, type Request } from '../../kit.js';
import { ACCESS } from '../auth/access/groups.js';
import { csrfWithin } from '../csrf/csrf.js';
import { admissionGuards } from './admission.js';
import { answerOf, pageOfStatus, withPages } from './answer.js';
import { NO_CALL } from './call.js';
import { configurationOf, type ModuleConfiguration } from './configuration.js';
import { ErrorPageContext, RequestContext } from './context.js';
import { filenameOf } from './module-context.js';
import { assertOptions, type ModulesOptions, type Plan } from './options.js';
import { readCall, tokenInCall } from './read-call.js';
import { readTree, type ModuleNode } from './tree.js';
import { Users } from './user.js';

/** What methods are called with. */
interface Surroundings {
  readonly configurationFor: (request: Request) => ModuleConfiguration;
  readonly users: Users;
}

/** Calls a method of a module in place of a handler. */
type Adapt = NonNullable<NonNullable<Plan['routes']>[number]['adapt']>;

/** The last segment, which may be empty. What an encoded slash would bring in is no name of a file, and neither is what is longer than one. */
const FILENAME = '<filename:re:[^/\\\\]{0,255}>';

/**
 * Mounts modules: of each, and of its children, the methods marked with `@Expose()` become routes of the application, and nothing
 * else can be reached. What pages of other sites send is refused with 403, as `csrf()` does.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers: [Home], features: [modules({ modules: [Hello, Example] })] });
 * ```
 * @throws ObolError E_SETTING for a wrong option, E_MODULE for what cannot be mounted
 */
export function modules(options: ModulesOptions): Feature {
  assertOptions(options);
  const nodes = readTree(options.modules);
  const users = new Users(options.users, options.acceptUnknownUser);
  const surroundings = { configurationFor: configurationsOf(options, nodes), users };
  const general = {
    guards: admissionGuards(options, users),
    middleware: [csrfWithin({ ...options.csrf, origins: options.origins }, tokenInCall), withPages],
  };
  return {
    planned: nodes.map((node) => ({ ...general, ...planOf(node, surroundings) })),
    ...(options.users && { providers: [{ provide: ACCESS, useValue: users.accessOf }] }),
  };
}

/** Two, of which an application gets the one that says whether it is being debugged. */
function configurationsOf(
  { acceptUnauthenticatedUser = true, acceptUnknownUser = false, debug, server = {} }: ModulesOptions,
  nodes: readonly ModuleNode[],
): Surroundings['configurationFor'] {
  const names = nodes.filter(({ path, name }) => path === `/${name}`).map(({ name }) => name);
  const known = { acceptUnauthenticatedUser, acceptUnknownUser, modules: names };
  const plain = configurationOf(server, { ...known, debug: debug ?? false });
  const debugged = configurationOf(server, { ...known, debug: debug ?? true });
  return ({ settings }) => (settings.debug ? debugged : plain);
}

function planOf({ controller, place, path, ...node }: ModuleNode, surroundings: Surroundings): Plan {
  const prefix = node.isEverywhere ? '' : path;
  return {
    controller,
    place,
    prefix: path,
    routes: node.methods.map(({ property, methods, arguments: hasArguments, place: where }) => ({
      property,
      place: where,
      methods,
      path: `/${property}/${FILENAME}`,
      // The body is read below, if it is read at all.
      body: { json: false, form: false, data: false },
      adapt: exposed(surroundings, hasArguments),
    })),
    states: node.pages.map((page) => ({ ...page, place, prefix, adapt: pageAbout(surroundings) })),
  };
}

function exposed({ configurationFor, users }: Surroundings, hasArguments: boolean): Adapt {
  const callOf = hasArguments ? readCall : () => NO_CALL;
  return (method) => {
    const call = (request: Request, filename: string): unknown =>
      andThen(callOf(request), (given) =>
        andThen(users.find(request), (user) => {
          const configuration = configurationFor(request);
          const context = new RequestContext({ request, user, configuration, filename, call: given });
          return andThen(method(context), answerOf, request);
        }),
      );
    return call as ReturnType<Adapt>;
  };
}

function pageAbout({ configurationFor, users }: Surroundings): Adapt {
  return (method) => {
    const call = (request: Request, error: HttpError): unknown =>
      andThen(users.findAnyway(request), (user) => {
        const filename = filenameOf(request);
        const configuration = configurationFor(request);
        const parts = { request, user, configuration, filename, call: NO_CALL };
        const pageOf = pageOfStatus(error.status, request);
        return andThen(method(new ErrorPageContext(parts, error)), pageOf);
      });
    return call as ReturnType<Adapt>;
  };
}

/** `modules()`: a tree of classes whose marked methods answer `/module/method/filename`. */
import { andThen, type Feature, type HttpError, type Request } from '../../kit.js';
import { ACCESS } from '../auth/access/groups.js';
import { csrfWithin } from '../csrf/csrf.js';
import { admissionGuards } from './admission.js';
import { answerOf, pageOf, withPages } from './answer.js';
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
  readonly configuration: ModuleConfiguration;
  readonly users: Users;
}

/** Calls a method of a module in place of a handler. */
type Adapt = NonNullable<NonNullable<Plan['routes']>[number]['adapt']>;

/** The last segment, which may be empty. What an encoded slash would bring in is no name of a file. */
const FILENAME = '<filename:re:[^/\\\\]*>';

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
  const { acceptUnauthenticatedUser = true, acceptUnknownUser = false, debug = false, origins } = options;
  const nodes = readTree(options.modules);
  const users = new Users(options.users, acceptUnknownUser);
  const configuration = configurationOf(options.server ?? {}, {
    ...{ acceptUnauthenticatedUser, acceptUnknownUser, debug },
    modules: nodes.filter(({ path, name }) => path === `/${name}`).map(({ name }) => name),
  });
  const general = {
    guards: admissionGuards(options, users),
    middleware: [csrfWithin({ ...options.csrf, origins }, tokenInCall), withPages],
  };
  return {
    planned: nodes.map((node) => ({ ...general, ...planOf(node, { configuration, users }) })),
    ...(options.users && { providers: [{ provide: ACCESS, useValue: users.accessOf }] }),
  };
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

function exposed({ configuration, users }: Surroundings, hasArguments: boolean): Adapt {
  const callOf = hasArguments ? readCall : () => NO_CALL;
  return (method) => {
    const call = (request: Request, filename: string): unknown =>
      andThen(callOf(request), (given) =>
        andThen(users.find(request), (user) => {
          const context = new RequestContext({ request, user, configuration, filename, call: given });
          return andThen(method(context), answerOf, request);
        }),
      );
    return call as ReturnType<Adapt>;
  };
}

function pageAbout({ configuration, users }: Surroundings): Adapt {
  return (method) => {
    const call = (request: Request, error: HttpError): unknown =>
      andThen(users.findAnyway(request), (user) => {
        const filename = filenameOf(request);
        const parts = { request, user, configuration, filename, call: NO_CALL };
        return andThen(method(new ErrorPageContext(parts, error)), pageOf, request);
      });
    return call as ReturnType<Adapt>;
  };
}

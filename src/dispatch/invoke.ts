/** Compiles a route into one handler: guards, then the body, then the action, then its value made a response. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { HttpError } from '../http/http-error.js';
import type { ErrorPageFormat } from '../message/error-template.js';
import type { Credentials, Guard } from '../message/guard.js';
import { andThen, isPromise, type Handler, type Middleware } from '../message/handler.js';
import { respond } from '../message/make-response.js';
import type { ReplyOptions } from '../message/reply.js';
import type { Request } from '../message/request.js';
import type { BodyOptions } from '../message/request-body.js';
import { Response } from '../message/response.js';
import type { Method } from '../routing/router.js';
import type { Call } from './action.js';
import type { RouteContract } from '../contracts/route-contract.js';

/** What stands around a handler. */
export interface Wrapping {
  readonly guards: readonly {
    readonly name: string;
    readonly check: Guard;
    /** What a client shows to pass it, where that is known. */
    readonly credentials?: Credentials | undefined;
  }[];
  /** Outermost first. */
  readonly middleware: readonly Middleware[];
  /** Behind guards and body, directly around the handler; outermost first. Default none. */
  readonly layers?: readonly { readonly name: string; readonly run: Middleware }[] | undefined;
  /** How it wants the body read, where that differs from the application. */
  readonly body?: BodyOptions | undefined;
  /** How errors are shown, where that differs from the application. */
  readonly errorFormat?: ErrorPageFormat | undefined;
}

/** What a route consists of once everything is bound. */
export interface RouteParts extends Wrapping {
  /** `Controller.method`, for messages. */
  readonly name: string;
  readonly methods: readonly Method[];
  readonly call: Call<[unknown?]>;
  /** What of a request is validated, and what is made of the value. */
  readonly contract?: RouteContract | undefined;
}

/** One handler for the route, with only those steps in it that the route needs. */
export function compileRoute(route: RouteParts): Handler {
  let handler = compileAction(route);
  if (route.methods.includes('PUT') && !route.body?.partial) handler = ofWholes(handler);
  const guards = route.guards.map(({ check }) => check);
  if (guards.length > 0) handler = afterGuards(guards, handler);
  return wrap(handler, route.middleware);
}

/** The handler inside middleware, the first of which is the outermost. */
export function wrap(handler: Handler, middleware: readonly Middleware[]): Handler {
  return middleware.reduceRight<Handler>(
    (next, layer) => (request) => checked(layer(request, next)),
    handler,
  );
}

/** Answers an error. Throws nothing and never rejects. */
export type Recover = (error: unknown, request: Request) => Response | Promise<Response>;

/**
 * As {@link wrap}, around a handler that lets nothing escape: what a middleware throws is answered there and then, so that
 * those around it see a response, as they see one of everything within.
 */
export function wrapApplication(
  handler: Handler,
  middleware: readonly Middleware[],
  recover: Recover,
): Handler {
  return middleware.reduceRight<Handler>((next, layer) => recovering(layer, next, recover), handler);
}

function recovering(layer: Middleware, next: Handler, recover: Recover): Handler {
  return (request) => {
    try {
      const answer = layer(request, next);
      if (answer instanceof Response) return answer;
      return isPromise(answer) ? recoveringLater(answer, request, recover) : checkedResponse(answer);
    } catch (error) {
      return recover(error, request);
    }
  };
}

async function recoveringLater(
  answer: PromiseLike<unknown>,
  request: Request,
  recover: Recover,
): Promise<Response> {
  try {
    const settled = await answer;
    return settled instanceof Response ? settled : checkedResponse(settled);
  } catch (error) {
    return recover(error, request);
  }
}

function compileAction(route: RouteParts): Handler {
  const { name, body, contract } = route;
  const call = callOf(route);
  const reads = contract ? contract.bodyOptions(body) : body;
  const act: Handler = (request) => {
    if (request.hasBody) {
      // What has been read is not read again: this comes back here with the body taken.
      const reading = request.readAutomatic(() => act(request), reads);
      if (reading) return reading;
    }
    const value = call(request);
    return isPromise(value)
      ? Promise.resolve(value).then((settled) => valueToResponse(settled, request, name))
      : valueToResponse(value, request, name);
  };
  return act;
}

/** The call with what stands around it. */
function callOf({ name, call, contract, layers = [] }: RouteParts): Call {
  if (layers.length === 0) return contract ? underContract(call, contract) : call;
  const within = (request: Request, valid: unknown): Response | Promise<Response> => {
    const value = call(request, valid);
    const given = contract ? andThen(value, (settled) => contract.answer(settled, request)) : value;
    return andThen(given, (settled) => valueToResponse(settled, request, name));
  };
  const around = layers.map(({ run }) => run);
  return (request) =>
    andThen(contract?.validate(request), (valid) => wrap((own) => within(own, valid), around)(request));
}

/** The same call, between what the contract makes of a request and what it makes of the value. */
function underContract(call: Call<[unknown?]>, contract: RouteContract): Call {
  const callValid = (valid: unknown, request: Request): unknown => call(request, valid);
  const answer = (value: unknown, request: Request): unknown => contract.answer(value, request);
  return (request) => andThen(andThen(contract.validate(request), callValid, request), answer, request);
}

/** A part must not be taken for the whole (RFC 9110 14.5). */
function ofWholes(handler: Handler): Handler {
  return (request) => {
    if (request.method === 'PUT' && request.headers.has('content-range'))
      throw new HttpError(400, 'Only the whole can be put here, not the part that Content-Range names');
    return handler(request);
  };
}

/**
 * Makes a response of what `name` returned. A stream has given its first chunk: what it throws before that is an error as
 * any other of the handler.
 * @throws ObolError E_RESPONSE_TYPE that says who returned it
 */
export function valueToResponse(
  value: unknown,
  request: Request,
  name: string,
  fallback?: ReplyOptions,
): Response | Promise<Response> {
  try {
    const response = respond(value, request, fallback);
    return response.opening === 'due' ? open(response, request, name) : response;
  } catch (error) {
    throw returnedBy(name, error);
  }
}

function open(response: Response, request: Request, name: string): Response | Promise<Response> {
  const opened = response.open(request);
  if (opened instanceof Response) return opened;
  return opened.catch((error: unknown) => {
    throw returnedBy(name, error);
  });
}

function returnedBy(name: string, error: unknown): unknown {
  if (!(error instanceof ObolError) || error.code !== 'E_RESPONSE_TYPE') return error;
  const message = `What ${name} returned cannot be sent: ${error.message}`;
  // The message says it already; of an error of the value itself the stack is of use.
  return new ObolError('E_RESPONSE_TYPE', message, { cause: error.cause });
}

function afterGuards(guards: readonly Guard[], handler: Handler): Handler {
  return (request) => {
    for (let i = 0; i < guards.length; i++) {
      const passed = guards[i]?.(request);
      if (isPromise(passed)) return remainingGuards(passed, guards.slice(i + 1), handler, request);
    }
    return handler(request);
  };
}

async function remainingGuards(
  pending: PromiseLike<unknown>,
  guards: readonly Guard[],
  handler: Handler,
  request: Request,
): Promise<Response> {
  await pending;
  for (const guard of guards) await guard(request);
  return handler(request);
}

function checked(answer: Response | Promise<Response>): Response | Promise<Response> {
  return answer instanceof Response ? answer : andThen(answer, checkedResponse);
}

function checkedResponse(answer: unknown): Response {
  if (answer instanceof Response || isInstance(answer, Response)) return answer;
  throw noResponse(answer);
}

function noResponse(answer: unknown): ObolError {
  return new ObolError(
    'E_MIDDLEWARE',
    `A middleware returned ${answer === null ? 'null' : typeof answer} instead of a response. ` +
      'Return what next(request) gives, or a Response of your own; makeResponse(value) makes one.',
  );
}

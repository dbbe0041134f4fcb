/** `obol`: everything an application is written with. */
import './metadata/polyfills.js';
import type { Application } from './application/application.js';
import { assemble } from './application/bootstrap.js';
import type { BootstrapOptions } from './application/options.js';
import { staticFiles } from './features/static/static-files.js';
import { listen } from './hosts/node/listen.js';
import type { ListenOptions } from './hosts/node/options.js';

export { ConfigurationError, ERROR_CODES, ObolError, type ErrorCode, type Problem } from './ground/errors.js';
export { ContextKey } from './ground/context-key.js';
export type { Log, Logger } from './ground/log/log.js';
export { Token, type AnyToken, type Asked, type Dependency } from './ground/token.js';
export { lazy } from './metadata/lazy.js';

export type { CacheControl } from './http/cache-control.js';
export { HttpError, type HttpErrorOptions } from './http/http-error.js';
export type { ServerSentEvent } from './http/event-stream.js';
export { escapeHtml } from './http/html.js';
export type { ByteRange, RangeSpec } from './http/range.js';
export type { CookieOptions } from './http/set-cookie.js';
export type { ProxyHeader, TrustProxy } from './http/forwarded.js';
export type { Preference } from './http/accept.js';
export type { Authorization } from './http/authorization.js';
export { Args, type Convert } from './body/args.js';
export type { Form as ParsedForm, FormField } from './body/form.js';
export type { FormLimits, FormOptions } from './body/form-options.js';
export type { FormProgress, UploadProgress } from './body/progress.js';
export type { FileSink } from './body/file-targets.js';
export type { FileInfo, UploadedFile } from './body/uploaded-file.js';
export type { PartInfo } from './body/part.js';
export type { JsonOptions } from './body/json.js';

export { METHOD_ALL, METHOD_GET_POST, type Method, type Methods } from './routing/router.js';
export type { PathFilterOf, PathFilterSet } from './application/filters.js';
export type { PathFilterOptions } from './routing/filters.js';
export { path, type Path } from './routing/path.js';
export type { PathFilters, PathParameters, RouteError } from './routing/path-types.js';

export { Headers, type HeadersInit } from './message/headers.js';
export { Request } from './message/request.js';
export type { MatchedRoute } from './message/request-source.js';
export type { Peer } from './message/peer.js';
export { Response, type Body, type Chunk, type ChunkStream, type ResponseInit } from './message/response.js';
export {
  DECLINED,
  Declined,
  GeneratorResponse,
  JsonGeneratorResponse,
  JsonResponse,
  NoContentResponse,
  NotModifiedResponse,
  PartialResponse,
  RedirectResponse,
  type RedirectInit,
  TextResponse,
} from './message/responses.js';
export {
  FileObjResponse,
  FileResponse,
  fileResponse,
  type FileObjectInit,
  type FileResponseInit,
} from './message/file-response.js';
export type { OpenedFile } from './files/open-file.js';
export { checkPreconditions, type ResourceState } from './answering/preconditions.js';
export { makeResponse, type Answer } from './message/make-response.js';
export { reply, Reply, type ReplyOptions } from './message/reply.js';
export {
  EventStreamResponse,
  lastEventId,
  type EventStreamOptions,
  type ServerSentEvents,
} from './message/event-stream.js';
export { UpgradeResponse, type TakeOver, type UpgradedConnection } from './message/upgrade-response.js';
export type { ErrorContent, ErrorPageFormat, ErrorTemplate } from './message/error-template.js';
export { abort, redirect } from './message/abort.js';
export type { Handler, Middleware } from './message/handler.js';
export type { HandlerLike } from './message/handler-like.js';
export type { Guard, GuardSetup } from './message/guard.js';

export { Data, Form, Json } from './decorators/body.js';
export { Controller } from './decorators/controller.js';
export {
  Injectable,
  type InjectableDecorator,
  type InjectableOptions,
  type InjectableScope,
} from './decorators/injectable.js';
export type { DependencyVerdict, Injected } from './decorators/dependency-verdict.js';
export { Inject, type InjectDecorator } from './decorators/inject.js';
export { Delete, Get, Patch, Post, Put, Route } from './decorators/route.js';
export type { Contract, Valid } from './contracts/contract.js';
export type { Returned } from './decorators/contract-verdict.js';
export { ErrorFormat, ErrorHandler, HttpState } from './decorators/error-handling.js';
export { AfterResponse, BeforeResponse, Default } from './decorators/hooks.js';
export { createGuard, Use } from './decorators/wrapping.js';
export type { HandlerDecorator, Mistake, RouteDecorator } from './decorators/verdict.js';
export type { ClassDecorator, ClassOrMethodDecorator, MethodDecorator } from './metadata/decorator-types.js';

export { urlFor } from './application/url-for.js';
export type { ParameterInfo, RouteInfo } from './dispatch/table-info.js';
export type { Application, RunningServer } from './application/application.js';
export type { Feature, Surroundings } from './application/feature.js';
export type { BootstrapOptions } from './application/options.js';
export type { Provider, RequestProvider } from './application/provider.js';
export type { RouteFunction, Routes } from './application/routes.js';

export type { AccessEntry } from './hosts/node/access-log.js';
export { listen } from './hosts/node/listen.js';
export type { ListenOptions, ServerLimits } from './hosts/node/options.js';

/**
 * Puts an application together. Its core knows no features; only this file gives it the one that serves a
 * `documentRoot`.
 * @throws ConfigurationError with all mistakes found, before anything listens
 *
 * @example
 * ```ts
 * const app = await bootstrap({ controllers: [PeopleController] });
 * await app.listen({ port: 8080 });
 * ```
 */
export function bootstrap(options: BootstrapOptions): Promise<Application<ListenOptions>> {
  return assemble<ListenOptions>(options, { listen, openDocumentRoot: staticFiles });
}

/** `obol/kit`: all that a feature may import. Obol's own features import nothing else, so what they can do, any package can. */
import './metadata/polyfills.js';

// What is stable changes with a major version only; what is experimental may change with a minor one.

// Stable: what a feature is, and what it brings.
export type { Feature, Surroundings } from './application/feature.js';
export type { Handler, Middleware } from './message/handler.js';
export { handlerOf } from './message/handler-like.js';
export type { Guard, GuardSetup } from './message/guard.js';
export { createGuard, createLayer } from './decorators/wrapping.js';
export { branded } from './ground/brand.js';
export { ContextKey } from './ground/context-key.js';

// Stable: requests and responses.
export { Request } from './message/request.js';
export { cookieNameOf, cookiesOf } from './message/cookies.js';
export { Headers } from './message/headers.js';
export { Response, toBytes } from './message/response.js';
export { Declined, JsonResponse, NoContentResponse, RedirectResponse } from './message/responses.js';
export { EventStreamResponse } from './message/event-stream.js';
export { FileResponse } from './message/file-response.js';
export { UpgradeResponse } from './message/upgrade-response.js';
export { respond } from './message/make-response.js';
export { HttpError } from './http/http-error.js';
export { MethodNotAllowed, Unauthorized } from './http/errors.js';
export { ResponseError } from './message/abort.js';

// Stable: options, mistakes and the log.
export { ObolError } from './ground/errors.js';
export { variableName } from './ground/variable-name.js';
export { assertSetting, checkOptions, rule, withDefaults, type Rule, type Rules } from './ground/settings.js';
export type { Logger } from './ground/log/log.js';
export { LateLogger } from './ground/log/logger.js';
export { CurrentRequest } from './ground/current-request.js';
export { requestName } from './answering/request-lines.js';
export { Outage } from './ground/outage.js';

// Stable: values of header fields, pure functions.
export { negotiateEncoding } from './http/accept.js';
export { cacheControl } from './http/cache-control.js';
export { Addresses } from './http/address.js';
export { evaluatePreconditions } from './http/conditional.js';
export { httpDate } from './http/date.js';
export { fileEtag, parseEntityTags } from './http/etag.js';
export { parseParameters, trimWhitespace } from './http/grammar.js';
export { canonicalAuthority } from './http/host.js';
export { escapeHtml } from './http/html.js';
export { htmlPage } from './http/html-page.js';
export { parseMediaType } from './http/media-type.js';
export { contentTypesBy } from './http/mime-types.js';
export {
  COOKIE_RULES,
  expiredCookie,
  prefixedName,
  serializeCookie,
  type CookieOptions,
} from './http/set-cookie.js';
export { decodeSegment, encodeCanonical } from './http/target.js';
export { METHODS } from './routing/router.js';

// Stable: values checked by schemas, of any library.
export { checkSchema } from './schema/check-schema.js';
export type { Output, Schema } from './schema/standard-schema.js';

// Stable: secrets. Keys are derived from them, values sealed or signed with those.
export { decodeBase64url } from './crypto/base64url.js';
export { KeyRing } from './crypto/key-ring.js';
export { SealedCodec } from './crypto/sealed-codec.js';
export { SignedCodec } from './crypto/signed-codec.js';
export { keyBytes, SECRET_KEY_RULES, withSecretKey } from './crypto/secret-key.js';

// Stable: files that nothing outside their folder can stand for, and that are written whole or not at all.
export { ConfinedFolder } from './files/confined-folder.js';
export { absent, refuseUnlessAbsent } from './files/file-error.js';
export { holdLock } from './files/file-lock.js';
export { replaceFile } from './files/replace-file.js';

// Stable: handlers with settings of their own, and handlers below a part of the path.
export { adopting } from './application/adopting.js';
export { answerError } from './answering/error-page.js';
export { parsePrefix } from './routing/prefix.js';

// Experimental: metadata under a key of one's own, and how a class says which feature provides it.
export { MetadataKey } from './metadata/metadata-key.js';
export { guardSources } from './decorators/wrapping.js';
export { PROVIDED_BY, providerOf } from './metadata/provided-by.js';

// Experimental: the ways of a response that is still to come, or will not be sent.
export { andThen, attempt, isPromise } from './message/handler.js';
export { hold } from './answering/hold.js';
export { letGo } from './answering/finalize.js';
export { personalResponse } from './answering/personal-response.js';
export { withHeaders } from './answering/every-answer.js';
export { DeclaredLength } from './message/declared-length.js';
export { BodyBytes } from './message/body-bytes.js';

// Experimental: small things that several features need.
export { copyOf } from './ground/copy-of.js';
export { epochSeconds } from './ground/clock.js';
export { loadPackage } from './ground/load-package.js';
export { Recent } from './ground/recent.js';
export { VERSION } from './ground/version.js';

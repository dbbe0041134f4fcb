/** `obol/http`: header fields as pure functions, for those who write or read one by hand. */
export { cacheControl } from './cache-control.js';
export { contentDisposition } from './content-disposition.js';
export { httpDate, parseHttpDate } from './date.js';
export { etagOf } from './etag.js';
export { formatEvent } from './event-stream.js';
export { contentTypeOf, contentTypesBy, type ContentTypes } from './mime-types.js';
export { parseRange, type RangeRequest } from './range.js';
export { serializeCookie } from './set-cookie.js';
export { requestedProtocols, type UpgradableRequest } from './upgrade.js';

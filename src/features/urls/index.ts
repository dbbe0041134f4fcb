/** `obol/urls`: URLs built, signed and written into pages. */
import '../../kit.js';

export { CheckSignedUrl, type SignerLike } from './check-signed-url.js';
export { link, type LinkAttributes } from './link.js';
export type { Query, QueryValue, QueryValues } from './query.js';
export type { Text } from './text.js';
export { baseUrl, parseUrl, url, type Url, type UrlLike } from './url.js';
export { UrlSigner, urlSigner, type SignOptions, type UrlSignerOptions } from './url-signer.js';

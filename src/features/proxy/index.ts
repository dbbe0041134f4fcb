/** `obol/proxy`: requests that other servers answer, by HTTP/1.1 (RFC 9110 7.6). */
export { proxy } from './proxy.js';
export type { ProxyOptions } from './options.js';

/** `obol/composition`: handlers put together. */
export { cascade, type CascadeOptions } from './cascade.js';
export type { Composed } from './handlers.js';
export { forward, type ForwardInit } from './forward.js';
export { include, type IncludeInit } from './include.js';
export { mount, type Mount } from './mount.js';
export { urlMap } from './url-map.js';

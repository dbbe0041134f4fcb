/** `obol/composition`: handlers put together. */
export { forward, type ForwardInit } from './forward.js';
export { include, type IncludeInit } from './include.js';
export { mount, type Mount } from './mount.js';

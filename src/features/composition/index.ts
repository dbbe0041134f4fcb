/** `obol/composition`: handlers put together. */
export { mount, type Mount } from './mount.js';

/** `obol/cors`: what pages of other origins may read. */
export { cors, type CorsFeature } from './cors.js';
export type { CorsOptions } from './options.js';

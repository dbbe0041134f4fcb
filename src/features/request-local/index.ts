/** `obol/request-local`: values of the request under way, for code that does not have the request. */
export { RequestLocal } from './request-local.js';

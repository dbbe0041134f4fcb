/** `obol/base-handler`: a class with one method for each HTTP method, for those who want no router. */
export { BaseHandler } from './base-handler.js';

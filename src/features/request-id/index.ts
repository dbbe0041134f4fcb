/** `obol/request-id`: one name for a request, in answer, log and page. */
export { requestId, requestIdOf, type RequestIdOptions } from './request-id.js';

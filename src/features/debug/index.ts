/** `obol/debug`: what developers want to see. */
import '../../kit.js';

export { showRequest, type ShowRequestOptions } from './show-request.js';

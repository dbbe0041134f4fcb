/** `obol/csrf`: what changes something is done only for who meant it. */
export { csrf, csrfField, csrfToken } from './csrf.js';
export type { CsrfOptions } from './options.js';
export { CSRF_FIELD, CSRF_HEADER } from './sent-token.js';
export { CsrfRefused, type CsrfReason } from './refusal.js';
export type { CsrfSecret } from './token.js';

/** `obol/openapi`: what an application says of itself. */
export type { ApiDocument } from './api-document.js';
export { Describe, type Description } from './describe.js';
export type { Direction, ToJsonSchema } from './json-schema.js';
export { openapi, type OpenApi } from './openapi.js';
export type { ApiInfo, DocumentOptions, OpenApiOptions } from './options.js';
export { openapiDocument } from './written/openapi-document.js';
export type { ValidatedRequest } from './written/operations.js';

/** `obol/composition`: handlers put together. */
export { cascade, type CascadeOptions } from './cascade.js';
export { compose, type ComposeOptions, type Composition, type CompositionConfig } from './compose.js';
export type { Factory, Part } from './declared/part.js';
export type { ServerConfig } from './declared/server.js';
export { ErrorDocument } from './error-document.js';
export { errorDocuments, type ErrorDocumentsOptions } from './error-documents.js';
export type { Composed } from './handlers.js';
export { forward, type ForwardInit } from './forward.js';
export { include, type IncludeInit } from './include.js';
export { mount, type Mount } from './mount.js';
export { originalError, type OriginalError } from './original-error.js';
export { urlMap } from './url-map.js';

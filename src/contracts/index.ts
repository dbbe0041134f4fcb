/** `obol/contract`: what a route takes and gives, as schemas of any library. */
export { each, type Contract, type Each, type Entry, type Valid } from './contract.js';
export { fields, type FieldsSchema, type Shape } from '../schema/fields.js';
export { file, type FileOptions, type FileSchema } from './file.js';
export type { Input, Output, Schema } from '../schema/standard-schema.js';

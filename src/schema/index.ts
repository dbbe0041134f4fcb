/** `obol/contract`: what a route takes and gives, as schemas of any library. */
export { each, type Contract, type Each, type Entry, type Valid } from './contract.js';
export type { Input, Output, Schema } from './standard-schema.js';

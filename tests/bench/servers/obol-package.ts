// Obol as it was built, with the one copy of the metadata polyfill that Obol and tsyringe use themselves.

import '../../../node_modules/reflect-metadata/Reflect.js';

export * from '../../../dist/index.js';

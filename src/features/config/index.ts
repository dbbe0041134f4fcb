/** `obol/config`: typed configuration, in layers, checked by a schema. */
import '../../kit.js';

export { config, type Changes, type ConfigClass, type ConfigOptions, type Frozen } from './config.js';

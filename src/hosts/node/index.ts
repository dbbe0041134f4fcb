/** `obol/node`: what is Node's: the environment, files opened to be sent, lines for access logs. */
import '../../metadata/polyfills.js';

export { getOptions } from './environment.js';
export { commonLogLine } from './access-log.js';
export { openFile, openFileSync } from '../../files/open-file.js';

/** `obol/node`: what is Node's: the environment, files opened to be sent, lines for access logs, neighbours such as Express. */
import '../../metadata/polyfills.js';

export { getOptions } from './environment.js';
export { commonLogLine } from './access-log.js';
export { openFile, openFileSync } from '../../files/open-file.js';
export { toNodeListener, type NodeListener, type NodeListenerOptions } from './neighbours/node-listener.js';
export { connect, incomingOf, type Connected, type ConnectMiddleware } from './neighbours/connect.js';

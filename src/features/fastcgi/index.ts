/** `obol/fastcgi`: scripts that a FastCGI server runs, such as PHP's (php-fpm). */
export { fastcgi } from './fastcgi.js';
export type { FastcgiOptions } from './options.js';

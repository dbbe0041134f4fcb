/** How requests are read, and responses finished, until an application says otherwise. */
import { compileTrust } from '../http/forwarded.js';
import { isDevelopment } from '../ground/development.js';
import { defaultLog } from '../ground/log/logger.js';
import type { Handler } from '../message/handler.js';
import { BODY_DEFAULTS } from '../message/request-body.js';
import type { Settings } from '../message/settings.js';
import { Finalizer, SECURITY_HEADERS } from './finalize.js';

export const DEFAULT_SETTINGS: Settings = Object.freeze({
  ...BODY_DEFAULTS,
  application: undefined,
  trust: compileTrust(false),
  proxyHeader: 'x-forwarded',
  query: {},
  autoArgs: true,
  autoCookies: true,
  errorTemplate: undefined,
  errorFormat: 'problem',
  logger: defaultLog,
  debug: false,
  development: isDevelopment(false),
  checkReturns: isDevelopment(false),
  readTimeout: undefined,
  securityHeaders: SECURITY_HEADERS,
  poweredBy: false,
  finisher: new Finalizer(SECURITY_HEADERS),
  refuse: undefined,
  sendInterim: undefined,
  entry: undefined,
  isolation: undefined,
});

/** Those of a host, for requests that it gives to one handler. */
export function hostSettings(handle: Handler, own: Partial<Settings> = {}): Settings {
  const settings: { -readonly [K in keyof Settings]: Settings[K] } = { ...DEFAULT_SETTINGS, ...own };
  settings.entry = { handle, settings };
  return settings;
}

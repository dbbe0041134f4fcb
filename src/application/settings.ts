/** What an application was given, made into settings: its own first, then those of what is around it. */
import { Finalizer } from '../answering/finalize.js';
import { isDevelopment } from '../ground/development.js';
import { logOf } from '../ground/log/logger.js';
import { given } from '../ground/settings.js';
import { compileTrust } from '../http/forwarded.js';
import type { Handler } from '../message/handler.js';
import type { GivenSettings, SecurityHeaders, Settings } from '../message/settings.js';
import type { SettingsOptions } from './options.js';

const NO_HEADERS: SecurityHeaders = { every: {}, document: {} };

/** What answers in the name of an application. */
interface Answering {
  readonly handle: Handler;
  readonly refuse: Settings['refuse'];
}

/** The settings of an application at each place where it answers. */
export function applicationSettings(
  options: SettingsOptions | (() => SettingsOptions),
  { handle, refuse }: Answering,
): GivenSettings {
  const places = new WeakMap<Settings, Settings>();
  const add = (outer: Settings): Settings => {
    const entry = outer.entry ?? { handle, settings: outer };
    const own = settingsWithin(typeof options === 'function' ? options() : options, outer);
    const settings = { ...own, application: handle, refuse, entry };
    places.set(outer, Object.freeze(settings));
    return settings;
  };
  return { within: (outer) => places.get(outer) ?? add(outer) };
}

function settingsWithin(options: SettingsOptions, outer: Settings): Settings {
  const { trustProxy = false, proxyHeader, keepBlankValues, strictParsing } = options;
  const securityHeaders = headersWithin(options.securityHeaders, outer.securityHeaders);
  const { debug = outer.debug } = options;
  const logger = logOf(options.logger ?? outer.logger);
  const development = isDevelopment(debug);
  const poweredBy = options.poweredBy ?? (outer.application ? outer.poweredBy : true);
  return {
    ...outer,
    ...given(plain(options)),
    // Proxies are in front of the outermost application, which alone knows them.
    ...(outer.application ? {} : { trust: compileTrust(trustProxy), ...given({ proxyHeader }) }),
    query: { ...outer.query, ...given({ keepBlankValues, strictParsing }) },
    json: { ...outer.json, ...given(options.json ?? {}) },
    form: {
      ...outer.form,
      ...given({ fileCallback: options.fileCallback, keepBlankValues, strictParsing }),
      ...given(options.form ?? {}),
    },
    logger,
    securityHeaders,
    poweredBy,
    development,
    checkReturns: options.checkReturns ?? (outer.application ? outer.checkReturns : development),
    finisher: new Finalizer(securityHeaders, {
      poweredBy: poweredBy ? 'Obol' : undefined,
      logger,
    }),
    isolation: undefined,
  };
}

function headersWithin(own: SettingsOptions['securityHeaders'], outer: SecurityHeaders): SecurityHeaders {
  return own === false ? NO_HEADERS : { ...outer, ...given(own ?? {}) };
}

/** Those settings that have the same name and form as the options. */
function plain(options: SettingsOptions): Partial<Settings> {
  const { autoArgs, autoCookies, autoJson, autoForm, autoData, dataSize, streamSize, readTimeout } = options;
  const { errorFormat, errorTemplate, debug, jsonMimeTypes, formMimeTypes } = options;
  const types = {
    jsonTypes: jsonMimeTypes?.map((type) => type.toLowerCase()),
    formTypes: formMimeTypes?.map((type) => type.toLowerCase()),
  };
  const automatic = { autoArgs, autoCookies, autoJson, autoForm, autoData };
  return {
    ...automatic,
    dataSize,
    streamSize,
    readTimeout,
    errorFormat,
    errorTemplate,
    debug,
    ...types,
  } as Partial<Settings>;
}

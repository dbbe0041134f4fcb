/** What the header fields of a request say, as JSON. */
import type { Preference, Request } from 'obol';

export function describeHeaders(req: Request) {
  return {
    'Content-Type': [req.mimeType, req.charset],
    'Content-Length': req.contentLength,
    Host: req.peer.hostname,
    Accept: pairs(req.accept),
    'Accept-Charset': pairs(req.acceptCharset),
    'Accept-Encoding': pairs(req.acceptEncoding),
    'Accept-Language': pairs(req.acceptLanguage),
    'Accept-MimeType': {
      html: names(req, 'text/html'),
      xhtml: names(req, 'application/xhtml+xml', 'text/xhtml'),
      json: names(req, 'application/json'),
    },
    XMLHttpRequest: req.isXhr,
  };
}

function pairs(preferences: readonly Preference[]) {
  return preferences.map(({ value, weight }) => [value, weight]);
}

/** Whether Accept names one of the types; `req.acceptHtml` and its like are true for wildcards and without Accept too. */
function names(req: Request, ...types: readonly string[]): boolean {
  return req.accept.some(({ value, weight }) => weight > 0 && types.includes(value));
}

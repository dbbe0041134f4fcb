/** Urlencoded forms: read whole, within a limit, and counted before they are taken apart. */
import type { Readable } from 'node:stream';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { parseQuery } from '../http/query.js';
import { Form } from './form.js';
import { FORM_LIMITS, type FormOptions } from './form-options.js';
import { figuresOf, UNREAD, type FormReading } from './progress.js';
import { readBytesThen } from './read-bytes.js';

/** What the head says of an urlencoded body. */
export interface UrlencodedHead {
  /** In lower case. */
  readonly charset: string;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
}

/**
 * Reads an urlencoded body to its end.
 * @throws HttpError 413 over a limit, 415 for a charset other than UTF-8, 400 for bad escapes
 */
export function readUrlencoded(
  stream: Readable,
  head: UrlencodedHead,
  options: FormOptions,
  reading: FormReading = { ...UNREAD },
): Promise<Form> {
  const limit = options.urlencodedSize ?? FORM_LIMITS.urlencodedSize;
  if (head.charset !== 'utf-8') {
    return Promise.reject(
      new HttpError(415, `Forms are read as UTF-8, not as ${JSON.stringify(head.charset)}`),
    );
  }
  if (head.length !== undefined && head.length > limit) return Promise.reject(new ContentTooLarge(limit));
  reading.total = head.length;
  return readBytesThen(stream, limit, (bytes) => {
    reading.received = bytes.length;
    reading.now = performance.now();
    options.onProgress?.(figuresOf(reading));
    return parseForm(bytes.toString(), options);
  });
}

function parseForm(text: string, options: FormOptions): Form {
  const fields = options.fields ?? FORM_LIMITS.fields;
  let pairs = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (++pairs > fields) throw new HttpError(413, `The form has more than ${String(fields)} fields`);
  }
  const { keepBlankValues = true } = options;
  return new Form(parseQuery(text, { what: 'form', keepBlankValues, strictEscapes: true, maxPairs: fields }));
}

/** Urlencoded forms: read whole, within a limit, and counted before they are taken apart. */
import type { Readable } from 'node:stream';
import { charsetOfForm, type Charset } from '../http/charset.js';
import { ContentTooLarge } from '../http/errors.js';
import { HttpError } from '../http/http-error.js';
import { parseQuery } from '../http/query.js';
import { Form } from './form.js';
import { FORM_LIMITS, type FormOptions } from './form-options.js';
import { tooMany } from './malformed.js';
import { figuresOf, UNREAD, type FormReading } from './progress.js';
import { readBytesThen } from './read-bytes.js';

/** What the head says of an urlencoded body. */
export interface UrlencodedHead {
  /** The one it names; `utf-8` when it names none. */
  readonly charset: string;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
}

/**
 * Reads an urlencoded body to its end.
 * @throws HttpError 413 over a limit, 415 for a charset in which no form is, 400 for bad escapes and what is not of its charset
 */
export async function readUrlencoded(
  stream: Readable,
  head: UrlencodedHead,
  options: FormOptions,
  reading: FormReading = { ...UNREAD },
): Promise<Form> {
  const limit = options.urlencodedSize ?? FORM_LIMITS.urlencodedSize;
  const charset = charsetOfForm(head.charset);
  if (head.length !== undefined && head.length > limit) throw new ContentTooLarge(limit);
  reading.total = head.length;
  return readBytesThen(stream, limit, (bytes) => {
    reading.received = bytes.length;
    reading.now = performance.now();
    options.onProgress?.(figuresOf(reading));
    return parseForm(bytes, charset, options);
  });
}

function parseForm(bytes: Buffer, charset: Charset, options: FormOptions): Form {
  const isUtf8 = charset.name === 'utf-8';
  // In any other charset, text is what escapes and bytes give together.
  const text = isUtf8 ? charset.decode(bytes) : bytes.toString('latin1');
  if (text === undefined) throw new HttpError(400, 'The form is not valid utf-8');
  const fields = options.fields ?? FORM_LIMITS.fields;
  let pairs = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (++pairs > fields) throw tooMany(fields, 'fields');
  }
  const { keepBlankValues = true, strictParsing = false } = options;
  const reading = {
    what: 'form',
    keepBlankValues,
    strictParsing,
    strictEscapes: true,
    maxPairs: fields,
  } as const;
  return new Form(parseQuery(text, isUtf8 ? reading : { ...reading, charset }));
}

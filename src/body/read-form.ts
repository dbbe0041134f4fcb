/** Reads a form of either kind. */
import type { Readable } from 'node:stream';
import { HttpError } from '../http/http-error.js';
import type { Form } from './form.js';
import type { FormOptions } from './form-options.js';
import { readMultipart } from './multipart.js';
import { FormProgress } from './progress.js';
import { readUrlencoded } from './urlencoded.js';

/** What the head says of a form. */
export interface FormHead {
  /** The media type in lower case, without parameters. */
  readonly mimeType: string;
  /** In lower case; `utf-8` when none is named. */
  readonly charset: string;
  readonly boundary: string | undefined;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
}

const READERS = new Map<string, typeof readForm>([
  ['multipart/form-data', readMultipart],
  ['application/x-www-form-urlencoded', readUrlencoded],
]);

/**
 * Reads the form in a body.
 * @param progress told of what arrives
 * @throws HttpError 415 when the body is of neither form type, 400 for a malformed form, 413 over a limit
 */
export async function readForm(
  stream: Readable,
  head: FormHead,
  options: FormOptions,
  progress = new FormProgress(),
): Promise<Form> {
  try {
    const read = READERS.get(head.mimeType);
    if (!read) throw new HttpError(415, 'A form is application/x-www-form-urlencoded or multipart/form-data');
    const form = await read(stream, head, options, progress);
    progress.end('complete');
    return form;
  } catch (error) {
    progress.end('failed');
    throw error;
  }
}

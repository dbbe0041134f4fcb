/** What is wrong with a form, in the words of its refusal. */
import { HttpError } from '../http/http-error.js';

export function malformed(): HttpError {
  return new HttpError(400, 'The multipart body is malformed');
}

export function tooMany(limit: number, what: string): HttpError {
  return new HttpError(413, `The form has more than ${String(limit)} ${what}`);
}

export function oversizedHead(): HttpError {
  return new HttpError(400, 'A part of the form has too many headers');
}

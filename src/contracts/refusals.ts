/** What of a request does not fit its contract, as a client reads it. */
import { HttpError } from '../http/http-error.js';
import type { Request } from '../message/request.js';
import type { Checked } from '../schema/check-schema.js';
import { pointerTo, type SchemaMistake } from '../schema/mistakes.js';
import type { Part } from './contract.js';

/** The validated parts, by name. */
export type Validated = Partial<Record<Part, unknown>>;

/** What is known of a request so far. */
export interface Findings {
  readonly valid: Validated;
  readonly refused: Refusal[];
  /** That of the first mistake with one of its own. */
  status?: number | undefined;
}

/** Adds what is known of one part. */
export function note(findings: Findings, part: Part, checked: Checked<unknown>): void {
  const { mistakes } = checked;
  if (mistakes) {
    findings.refused.push(...mistakes.map((mistake) => refusal(part, mistake)));
    findings.status ??= mistakes.find(({ status }) => status !== undefined)?.status;
  } else findings.valid[part] = checked.value;
}

/** The validated parts. @throws HttpError 422 where anything was refused, 413 or 415 where a file was */
export function validOf({ valid, refused, status = 422 }: Findings): Validated {
  if (refused.length > 0) throw unfit(status, refused);
  return valid;
}

/** One mistake, as a client reads it (RFC 9457 3.2). */
interface Refusal {
  readonly in: Part;
  /** A JSON pointer as a fragment (RFC 6901 6). */
  readonly pointer: string;
  readonly detail: string;
}

function refusal(part: Part, { path, detail }: SchemaMistake): Refusal {
  const pointer = encodeURI(pointerTo(path.map((name) => name.toWellFormed()))).replaceAll('#', '%23');
  return { in: part, pointer: `#${pointer}`, detail };
}

/** Entries of an answer, whatever is wrong with the parts. */
const MAX_ERRORS = 100;

function unfit(status: number, errors: readonly Refusal[]): HttpError {
  const [first] = errors;
  const what = errors.length === 1 ? 'One value does' : `${String(errors.length)} values do`;
  const where = first ? `: ${first.in} ${first.pointer}, ${first.detail}` : '';
  return new HttpError(status, `${what} not fit${where}`, {
    members: { errors: errors.slice(0, MAX_ERRORS) },
  });
}

/** What refuses a body as a whole. */
export function wrongBody(status: number, detail: string): HttpError {
  return new HttpError(status, detail, { members: { errors: [refusal('body', { path: [], detail })] } });
}

/** Statuses of bodies that are refused while they are read. */
const UNREAD = [400, 413, 415];

/** Makes an error that refused the body of a request while that was read point to it, where its route has a contract. */
export function pointToBody(error: HttpError, { route, hasBody, contentLength, json, form }: Request): void {
  const part = route?.bodyPart;
  const isUnread = hasBody && contentLength !== 0 && json === undefined && form.size === 0;
  if (!part || !isUnread || error.members || !UNREAD.includes(error.status)) return;
  Object.assign(error, { members: { errors: [refusal(part, { path: [], detail: error.message })] } });
}

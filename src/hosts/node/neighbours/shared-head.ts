/** Heads of responses on servers of others, whose middleware may have set fields before. */
import type { ServerResponse } from 'node:http';
import { reasonPhrase } from '../../../http/status.js';
import type { Response } from '../../../message/response.js';

/**
 * Sets status and fields, to go out with the first byte of the body, so that what others do then sees them. What the response
 * itself has replaces what was there, but for cookies and Vary, which are added to it; all else gives way to it.
 * @param flat names and values in turns, defaults among them
 */
export function setSharedHead(outgoing: ServerResponse, response: Response, flat: readonly string[]): void {
  outgoing.statusCode = response.status;
  outgoing.statusMessage = reasonPhrase(response.status);
  if (outgoing.hasHeader('Content-Length')) outgoing.removeHeader('Content-Length');
  for (const [name, values] of byName(flat)) {
    const key = name.toLowerCase();
    const present = valuesOf(outgoing, name);
    if (present.length > 0 && key !== 'content-length' && !response.headers.has(name)) continue;
    outgoing.setHeader(
      name,
      key === 'set-cookie' ? [...present, ...values] : values.length > 1 ? values : (values[0] ?? ''),
    );
    if (key === 'vary') outgoing.setHeader(name, union([...present, ...values]));
  }
}

/** The response with what middleware has set beside: cookies and Vary are added to its own, of all else its own stay. */
export function withSharedFields(response: Response, outgoing: ServerResponse): Response {
  const own = response.toChange();
  const { headers } = own;
  for (const name of outgoing.getHeaderNames()) {
    const values = valuesOf(outgoing, name);
    const key = name.toLowerCase();
    if (key === 'set-cookie') for (const value of values) headers.append(name, value);
    else if (key === 'vary') headers.set(name, union([...headers.getAll(name), ...values]));
    else if (!headers.has(name) && key !== 'content-length') headers.set(name, values);
  }
  return own;
}

function valuesOf(outgoing: ServerResponse, name: string): string[] {
  const value = outgoing.getHeader(name);
  return value === undefined ? [] : [value].flat().map(String);
}

/** The fields with all values of each name. */
function byName(flat: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  const spelling = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) {
    const [name = '', value = ''] = flat.slice(i, i + 2);
    const known = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), known);
    fields.set(known, [...(fields.get(known) ?? []), value]);
  }
  return fields;
}

/** The members of some lists, each once and compared without letter case. */
function union(lists: readonly string[]): string {
  const members = lists.flatMap((list) => list.split(',')).map((member) => member.trim());
  const unique = new Map(members.map((member) => [member.toLowerCase(), member]));
  return [...unique.values()].filter(Boolean).join(', ');
}

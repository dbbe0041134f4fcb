/** How the content of a session becomes a cookie value and back, and what that content is. */
import { DATA, FLASH, type SessionRecord } from './record.js';
import { textOf } from './values.js';

/** What became of a cookie value: its content, or what is wrong with it. */
export type OpenedValue =
  | { readonly text: string; readonly isOld: boolean; readonly problem?: undefined }
  | { readonly problem: string };

/** Writes values that only the application itself can have written. */
export interface CookieCodec {
  encode(text: string, name: string): string;
  /** @param name of the cookie, which a value is bound to; `isOld` when another key would be taken now */
  decode(value: string, name: string): OpenedValue;
}

const VERSION = 1;

/** The content of a cookie: the values stand in it as they are, and not as text within text. */
export function contentOf({ id, issuedAt, expiresAt, seenAt, values }: SessionRecord): string {
  let data = '';
  let flash = '';
  for (const [key, text] of values) {
    const member = `${JSON.stringify(key.slice(1))}:${text}`;
    if (key.startsWith(DATA)) data += data === '' ? member : `,${member}`;
    else flash += flash === '' ? member : `,${member}`;
  }
  const times = `"iat":${String(issuedAt)},"exp":${String(expiresAt)},"idle":${String(seenAt)}`;
  return `{"v":${String(VERSION)},"sid":${JSON.stringify(id)},${times},"data":{${data}},"flash":{${flash}}}`;
}

/** @returns undefined for a content that {@link contentOf} would not write */
export function recordOf(content: string): SessionRecord | undefined {
  try {
    return parsed(JSON.parse(content));
  } catch {
    return undefined;
  }
}

/** @throws ObolError E_SESSION_DATA for values that no session may have */
function parsed(content: unknown): SessionRecord | undefined {
  if (!isObject(content)) return undefined;
  const { v, sid, iat, exp, idle, data, flash } = content;
  if (v !== VERSION || typeof sid !== 'string' || !isObject(data) || !isObject(flash)) return undefined;
  const values = new Map<string, string>();
  for (const name of Object.keys(data)) values.set(DATA + name, textOf(name, data[name]));
  for (const name of Object.keys(flash)) values.set(FLASH + name, textOf(name, flash[name]));
  return { id: sid, issuedAt: Number(iat), expiresAt: Number(exp), seenAt: Number(idle), values };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

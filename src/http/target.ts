/** Request targets (RFC 9112 3.2) and the one canonical path that routes, guards and files all see. */
import { parseAuthority } from './host.js';
import { encodeOctets, textOfOctets } from './octets.js';

/** A request target taken apart. */
export interface Target {
  /** The canonical path; `*` for the asterisk form and `''` for the authority form. */
  readonly path: string;
  /** What follows the first `?`, undecoded, without it. */
  readonly query: string;
  /** The authority of an absolute or authority form; undefined for the other two. */
  readonly authority: string | undefined;
}

const SLASH = 0x2f;
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

/**
 * Reads a request target.
 *
 * The path is decoded once: every `%XX` sequence becomes the character it stands for, read as UTF-8, except an
 * encoded slash and an encoded percent sign, which stay `%2F` and `%25`, and an octet that is no UTF-8, which stays as it
 * is: `%E7`. So a canonical path is unambiguous, and a slash in it always separates segments.
 * @returns null when the target is malformed: a character outside ASCII or a control character that is not encoded, a NUL, a bad
 * escape, a fragment, or a segment that is `.` or `..`
 */
// oxlint-disable-next-line complexity -- every request passes here: one function instead of several
export function parseTarget(target: string, method: string): Target | null {
  let text = target;
  let authority: string | undefined;
  if (target.charCodeAt(0) !== SLASH) {
    const form = parseOtherForm(target, method);
    if (form === null || 'path' in form) return form;
    ({ text, authority } = form);
  }
  let pathEnd = text.length;
  let special = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x23) return null;
    if (code === 0x3f) {
      if (pathEnd === text.length) pathEnd = i;
    } else if (pathEnd === text.length && (code === 0x25 || code === 0x2e)) special = true;
  }
  const raw = text.slice(0, pathEnd);
  const path = special ? canonicalPath(raw) : raw;
  return path === null ? null : { path, query: text.slice(pathEnd + 1), authority };
}

/** Any form that does not begin with a slash: complete, or what follows an absolute form's authority. */
function parseOtherForm(target: string, method: string): Target | { text: string; authority: string } | null {
  if (target === '*') return method === 'OPTIONS' ? { path: '*', query: '', authority: undefined } : null;
  if (method === 'CONNECT') return { path: '', query: '', authority: target };
  const [start, authority] = ABSOLUTE.exec(target) ?? [];
  if (start === undefined || authority === undefined || !parseAuthority(authority)) return null;
  const rest = target.slice(start.length);
  return { text: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;

function canonicalPath(raw: string): string | null {
  let path: string | null = raw;
  if (raw.includes('%')) {
    try {
      path = decodeURIComponent(raw.replace(/%(2f|25)/gi, (_, code: string) => `%25${code.toUpperCase()}`));
    } catch {
      path = canonicalOctets(raw);
    }
  }
  return path === null || path.includes('\0') || DOT_SEGMENT.test(path) ? null : path;
}

/** The same where some octets are no UTF-8. */
function canonicalOctets(raw: string): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return null;
  return raw.replace(/(?:%..)+/g, (octets) => {
    const text = textOfOctets(Buffer.from(octets.replaceAll('%', ''), 'hex'));
    return text.replace(/[%/]|[\udc80-\udcff]/gu, encodeOctets);
  });
}

/**
 * The text that one canonical segment stands for: its `%2F` and `%25` decoded, and each octet that is no UTF-8 as a lone
 * surrogate, so that only a well-formed text is one.
 */
export function decodeSegment(segment: string): string {
  return segment.includes('%') ? segment.replace(/%2F|%25|(?:%[89A-F].)+/g, decodeEscape) : segment;
}

function decodeEscape(escape: string): string {
  return textOfOctets(Buffer.from(escape.replaceAll('%', ''), 'hex'));
}

/** A canonical path as it stands in a URL. */
export function encodeCanonical(path: string): string {
  return path.replace(/[^/%]+/g, encodeURIComponent);
}

/** The canonical form of literal text, as it stands in a template. */
export function encodeSegment(text: string): string {
  return text.replaceAll('%', '%25');
}

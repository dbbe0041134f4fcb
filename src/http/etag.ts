/** Entity tags: reading, comparing and making them (RFC 9110 8.8.3). */
import { hash } from 'node:crypto';

const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const LISTED = /((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,[ \t,]*|$)/y;
const BEFORE_LIST = /[ \t,]*/y;

/** 162 bits of a hash: no two contents will ever share them. */
const HASH_LENGTH = 27;

/** Clocks of file systems tick this often, in milliseconds: within a tick, a file may change unseen. */
const FINE_TICK = 50;
const COARSE_TICK = 2000;

/** Whether the text is an entity tag, quotes included. */
export function isEntityTag(text: string): boolean {
  return TAG.test(text);
}

/** The entity tags of a list, in linear time; what is none is skipped up to the next comma. */
export function parseEntityTags(list: string): string[] {
  const tags: string[] = [];
  BEFORE_LIST.lastIndex = 0;
  BEFORE_LIST.test(list);
  let at = BEFORE_LIST.lastIndex;
  while (at < list.length) {
    LISTED.lastIndex = at;
    const tag = LISTED.exec(list)?.[1];
    if (tag !== undefined) {
      tags.push(tag);
      at = LISTED.lastIndex;
      continue;
    }
    const comma = list.indexOf(',', at);
    if (comma < 0) break;
    BEFORE_LIST.lastIndex = comma;
    BEFORE_LIST.test(list);
    at = BEFORE_LIST.lastIndex;
  }
  return tags;
}

/** Whether both are the same and neither is weak: for what must agree byte for byte. */
export function matchesStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/');
}

/** Whether both are the same, weak or not: for what may be taken from a cache. */
export function matchesWeakly(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** A tag of the content itself, the same on every machine. */
export function etagOf(content: string | Uint8Array, options: { readonly weak?: boolean } = {}): string {
  const tag = `"${hash('sha256', content, 'base64url').slice(0, HASH_LENGTH)}"`;
  return options.weak ? `W/${tag}` : tag;
}

/**
 * A tag of a file by size and time, without reading it. It is weak while the file may change once more within the same
 * tick of the file system's clock; a time in whole seconds is taken as that of a clock that knows no better.
 * @param file.modified milliseconds since the epoch, with their fraction
 */
export function fileEtag(
  { size, modified }: { readonly size: number; readonly modified: number },
  now = Date.now(),
): string {
  const tick = modified % 1000 === 0 ? COARSE_TICK : FINE_TICK;
  const tag = `"${size.toString(36)}-${Math.floor(modified * 1000).toString(36)}"`;
  return now - modified > tick ? tag : `W/${tag}`;
}

/** Ranges of a representation: what Range asks for, and what Content-Range says (RFC 9110 14). */

/** First and last position, the last open; or a suffix: the last so many bytes. */
export type RangeSpec = readonly [start: number, end: number | null] | readonly [start: null, suffix: number];

/** First and last position, both included. */
export type ByteRange = readonly [start: number, end: number];

/** A Range header taken apart. */
export interface RangeRequest {
  /** In lower case; `bytes` nearly always. */
  readonly unit: string;
  readonly ranges: readonly RangeSpec[];
}

/** A request for more ranges gets the whole: it costs the server less. */
export const MAX_RANGES = 10;

const UNIT = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:[ \t]*,[ \t,]*)?/y;
const MEMBER = /([0-9]*)-([0-9]*)[ \t]*(?:,[ \t,]*|$)/y;

/**
 * Reads a Range header of any unit, in linear time.
 * @returns null when it is malformed, has a range that ends before it starts, or more than {@link MAX_RANGES}
 */
export function parseRange(value: string): RangeRequest | null {
  UNIT.lastIndex = 0;
  const unit = UNIT.exec(value)?.[1]?.toLowerCase();
  if (unit === undefined) return null;
  const ranges: RangeSpec[] = [];
  let at = UNIT.lastIndex;
  while (at < value.length) {
    MEMBER.lastIndex = at;
    const [, start, end] = MEMBER.exec(value) ?? [];
    const range = start === undefined || end === undefined ? null : specOf(start, end);
    if (range === null || ranges.length === MAX_RANGES) return null;
    ranges.push(range);
    at = MEMBER.lastIndex;
  }
  return ranges.length === 0 ? null : { unit, ranges };
}

/** Numbers beyond 2^53 lose digits, which moves no bound: nothing is that long. */
function specOf(start: string, end: string): RangeSpec | null {
  if (start === '') return end === '' ? null : [null, Number(end)];
  if (end === '') return [Number(start), null];
  return Number(end) < Number(start) ? null : [Number(start), Number(end)];
}

/**
 * What of a representation is to be sent: everything, nothing that there is, or these ranges. They are in the order
 * asked for; those that overlap or touch become one, so that their sum is never more than the whole.
 * @param length of the whole in units
 */
export function satisfyRanges(
  specs: readonly RangeSpec[],
  length: number,
): 'whole' | 'unsatisfiable' | readonly ByteRange[] {
  if (specs.length > MAX_RANGES) return 'whole';
  let ranges: ByteRange[] = [];
  for (const spec of specs) {
    const range = clamp(spec, length);
    if (range) ranges = coalesce(ranges, range);
  }
  return ranges.length === 0 ? 'unsatisfiable' : ranges;
}

/** The same for the header itself, which counts only in bytes. */
export function selectRanges(
  value: string,
  length: number,
): 'whole' | 'unsatisfiable' | readonly ByteRange[] {
  const parsed = parseRange(value);
  return parsed?.unit === 'bytes' ? satisfyRanges(parsed.ranges, length) : 'whole';
}

function clamp([start, end]: RangeSpec, length: number): ByteRange | undefined {
  if (start === null) return end > 0 && length > 0 ? [Math.max(0, length - end), length - 1] : undefined;
  return start < length ? [start, Math.min(end ?? Infinity, length - 1)] : undefined;
}

/** Puts a range among others, none of which touch; it takes the place of the first one that it meets. */
function coalesce(ranges: readonly ByteRange[], added: ByteRange): ByteRange[] {
  let [start, end] = added;
  const result: (ByteRange | undefined)[] = [...ranges];
  let place = result.length;
  for (let i = 0; i < result.length; i++) {
    const range = result[i];
    if (!range || range[0] > end + 1 || start > range[1] + 1) continue;
    [start, end] = [Math.min(start, range[0]), Math.max(end, range[1])];
    result[i] = undefined;
    place = Math.min(place, i);
    // Grown as it is, it may meet one that it passed by.
    i = -1;
  }
  result[place] = [start, end];
  return result.filter((range) => range !== undefined);
}

/** The value of Content-Range for a part. @param full length of the whole; `*` when it is not known */
export function contentRange([start, end]: ByteRange, full: number | '*', unit = 'bytes'): string {
  return `${unit} ${String(start)}-${String(end)}/${String(full)}`;
}

/** The value of Content-Range for a 416. */
export function unsatisfiedRange(full: number, unit = 'bytes'): string {
  return `${unit} */${String(full)}`;
}

/** Ranges of `0123456789` and what is to be sent for them, for hosts and bodies of every kind. */

/** What a Range gets. */
export type RangeCase = readonly [
  range: string,
  status: 200 | 206 | 416,
  expected: string | readonly string[],
];

/** The body of a whole or single part; `first-last:body` for each of several parts; nothing for a 416. */
export const RANGE_CASES: readonly RangeCase[] = [
  ['bytes=0-0', 206, '0'],
  ['bytes=0-', 206, '0123456789'],
  ['bytes=-10', 206, '0123456789'],
  ['bytes=0-9', 206, '0123456789'],
  ['bytes=5-', 206, '56789'],
  ['bytes=-3', 206, '789'],
  ['bytes=9-9', 206, '9'],
  ['bytes=5-100', 206, '56789'],
  ['BYTES=0-1', 206, '01'],
  ['bytes=0-5,3-8', 206, '012345678'],
  ['bytes=0-9,0-9,0-9', 206, '0123456789'],
  ['bytes=0-4,5-9', 206, '0123456789'],
  ['bytes=0-1,50-60', 206, '01'],
  ['bytes=0-0,9-9', 206, ['0-0:0', '9-9:9']],
  ['bytes=0-1, ,4-5', 206, ['0-1:01', '4-5:45']],
  ['bytes=1-1,3-4,6-8', 206, ['1-1:1', '3-4:34', '6-8:678']],
  ['bytes=-0', 416, ''],
  ['bytes=10-', 416, ''],
  ['bytes=10-20', 416, ''],
  ['bytes=18446744073709551616-', 416, ''],
  ['bytes=20-30,50-60', 416, ''],
  ['bytes=5-2', 200, '0123456789'],
  ['bytes=', 200, '0123456789'],
  ['bytes=-', 200, '0123456789'],
  ['bytes=abc', 200, '0123456789'],
  ['bytes=0-1x', 200, '0123456789'],
  ['bytes=0x0-1', 200, '0123456789'],
  ['bytes=+0-1', 200, '0123456789'],
  ['bytes=1.0-2', 200, '0123456789'],
  ['bytes =0-1', 200, '0123456789'],
  ['bytes=0 - 1', 200, '0123456789'],
  ['0-1', 200, '0123456789'],
  ['items=0-1', 200, '0123456789'],
  ['bytes=0-1,x', 200, '0123456789'],
  ['bytes=0-1,5-2', 200, '0123456789'],
  [`bytes=${'0-,'.repeat(11)}`, 200, '0123456789'],
];

/** What can be had from anything but a stream that only runs forward. */
export const BACKWARD_CASE: RangeCase = ['bytes=8-9,0-1', 206, ['8-9:89', '0-1:01']];

interface Received {
  readonly status: number;
  readonly type: string | undefined;
  readonly range: string | undefined;
  readonly length: string | undefined;
  readonly body: string;
}

/**
 * What was received, written as in the table.
 * @throws Error when it contradicts itself: lengths, headers of parts, delimiters
 */
export function describeReceived({ status, type = '', range, length, body }: Received): RangeCase {
  if (status === 416 && range !== 'bytes */10') throw new Error(`416 with Content-Range ${range}`);
  if (status === 416) return ['', 416, ''];
  if (Number(length) !== Buffer.byteLength(body)) throw new Error(`${length} is not the length of ${body}`);
  if (status === 200 && range === undefined) return ['', 200, body];
  const boundary = /^multipart\/byteranges; boundary=([\w-]{16,70})$/.exec(type)?.[1];
  if (boundary === undefined) return ['', 206, single(range, body)];
  if (range !== undefined) throw new Error('A multipart response has no Content-Range');
  return ['', 206, parts(boundary, body)];
}

function single(range: string | undefined, body: string): string {
  const [, first, last] = /^bytes (\d+)-(\d+)\/10$/.exec(range ?? '') ?? [];
  if (Number(last) - Number(first) + 1 !== body.length) throw new Error(`${range} is not ${body}`);
  return body;
}

function parts(boundary: string, body: string): string[] {
  const open = `--${boundary}\r\n`;
  const close = `\r\n--${boundary}--\r\n`;
  if (!body.startsWith(open) || !body.endsWith(close)) throw new Error(`Wrong delimiters: ${body}`);
  const pieces = body.slice(open.length, -close.length).split(`\r\n${open}`);
  return pieces.map((piece) => {
    const match =
      /^Content-Type: text\/plain(?:; charset=utf-8)?\r\nContent-Range: bytes (\d+-\d+)\/10\r\n\r\n(\d+)$/.exec(
        piece,
      );
    if (!match) throw new Error(`Not a part: ${piece}`);
    return `${match[1]}:${match[2]}`;
  });
}

/** Parts of a text counted in characters: a unit of one's own, which only client and server know (RFC 9110 14.1). */
import { HttpError, PartialResponse, TextResponse, type ByteRange, type RangeSpec, type Request } from 'obol';
import { parseRange } from 'obol/http';

const UNIT = 'unicodes';

/** The text, or the part of it that Range asks for. @throws HttpError 416 when there is no such part */
export function unicodes(req: Request, text: string) {
  const characters = Array.from(text);
  const asked = req.method === 'GET' ? parseRange(req.headers.get('range') ?? '') : null;
  const [range, second] = asked?.unit === UNIT ? asked.ranges : [];
  // Of several ranges the whole is sent, which the protocol allows.
  if (!range || second) return new TextResponse(text).makePartial(undefined, UNIT);
  const [start, end] = clamp(range, characters.length);
  if (start > end) {
    const headers = { 'Content-Range': `${UNIT} */${String(characters.length)}` };
    throw new HttpError(416, `There are only ${String(characters.length)} characters`, { headers });
  }
  const part = characters.slice(start, end + 1).join('');
  return new PartialResponse(part, { contentType: 'text/plain; charset=utf-8' }).makeRange(
    [start, end],
    UNIT,
    characters.length,
  );
}

/** First and last position; the first behind the last when nothing is there. */
function clamp([start, end]: RangeSpec, length: number): ByteRange {
  if (start === null) return [Math.max(0, length - end), length - 1];
  return [start, Math.min(end ?? Infinity, length - 1)];
}

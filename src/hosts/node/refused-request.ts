/** What the access log gets of a request that could not be read: as much of it as is known. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Request } from '../../message/request.js';
import type { RequestSource } from '../../message/request-source.js';
import type { Settings } from '../../message/settings.js';
import { MAX_LINE, type AccessEntry } from './access-log.js';
import type { SentRefusal } from './refuse.js';

/** What there was of a request when it was refused. */
export interface Refused {
  readonly socket: Duplex;
  /** The bytes that could not be read, as node:http gives them. */
  readonly rawPacket?: Buffer | undefined;
  /** How far the parser came in them. */
  readonly bytesParsed?: number | undefined;
  /** Its head, where that could be read. */
  readonly incoming?: IncomingMessage | undefined;
}

interface RequestLine {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
}

const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]+) +(\S+) +HTTP\/(\d\.\d)\r?$/;
/** A line that is too long to be seen to its end. */
const LONG_LINE = /^([\w!#$%&'*+.^`|~-]+) +(\S+)$/;
const UNKNOWN: RequestLine = { method: '-', url: '-', httpVersion: '-' };

/** The entry of a refusal that has gone out, or could not. */
export function refusalEntry(
  { incoming, ...sent }: SentRefusal,
  refused: Refused,
  settings: Settings,
): AccessEntry {
  const source: RequestSource = incoming ?? refused.incoming ?? standIn(refused);
  return { ...sent, request: new Request(source, settings, false), milliseconds: 0 };
}

function standIn({ socket, rawPacket, bytesParsed = 0 }: Refused): RequestSource {
  const line = rawPacket ? requestLine(rawPacket, bytesParsed) : UNKNOWN;
  return { ...line, rawHeaders: [], socket };
}

/** The request line of the head that the parser stumbled in; it may have come in an earlier packet. */
function requestLine(packet: Buffer, bytesParsed: number): RequestLine {
  const blank = packet.subarray(0, bytesParsed).lastIndexOf('\r\n\r\n');
  const start = blank < 0 ? 0 : blank + 4;
  const end = packet.indexOf(0x0a, start);
  const isWhole = end >= 0 && end - start <= MAX_LINE;
  const text = packet.toString('latin1', start, isWhole ? end : start + MAX_LINE);
  const isLong = !isWhole && text.length === MAX_LINE;
  const [, method, url, httpVersion = '-'] = (isLong ? LONG_LINE : REQUEST_LINE).exec(text) ?? [];
  return method === undefined || url === undefined ? UNKNOWN : { method, url, httpVersion };
}

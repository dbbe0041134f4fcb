/** Hands node:http a head that is already text, which saves it putting one together from fields for each response. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { IS_BUN } from './runtime.js';

/** The two members of ServerResponse that its own `writeHead` sets; no Node line documents them. */
interface Prepared {
  _header: string | null;
  /** Whether the connection ends with this response. */
  _last: boolean;
}

/** Up to so many bytes are written with the head as one text of Latin-1, which costs less than to write two things at once. */
const SMALL = 4 * 1024;

/**
 * Writes head and body in as few writes as can be: text with the head where all of it is ASCII, whatever the encoding.
 * @param head complete, blank line included
 */
export function endWithPreparedHead(
  outgoing: ServerResponse,
  head: string,
  body: string | Uint8Array | null,
): void {
  const own = outgoing as unknown as Prepared;
  if (!outgoing.shouldKeepAlive) own._last = true;
  if (typeof body !== 'string') {
    const small = Buffer.isBuffer(body) && body.length <= SMALL;
    own._header = small ? head + body.toString('latin1') : head;
    outgoing.end(small ? null : body);
  } else if (Buffer.byteLength(body) === body.length) {
    own._header = head + body;
    outgoing.end();
  } else {
    own._header = head;
    outgoing.end(Buffer.byteLength(head) === head.length ? body : Buffer.from(body));
  }
}

/**
 * Tries it on a response that goes nowhere: whether this Node writes a prepared head as it is, byte for byte.
 * Where it does not, responses are written by `writeHead`.
 */
export function canPrepareHeads(): boolean {
  // There the trial succeeds, and servers do otherwise.
  if (IS_BUN) return false;
  try {
    return ['', 'body', 'bödy', Buffer.from('bödy')].every((body) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n`;
      return trial(head, body) === head + body.toString();
    });
  } catch {
    return false;
  }
}

function trial(head: string, body: string | Buffer): string {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const incoming = new IncomingMessage(new Socket());
  incoming.method = 'GET';
  incoming.httpVersionMajor = 1;
  incoming.httpVersionMinor = 1;
  const outgoing = new ServerResponse(incoming);
  outgoing.assignSocket(sink as unknown as Socket);
  endWithPreparedHead(outgoing, head, body);
  return Buffer.concat(chunks).toString();
}

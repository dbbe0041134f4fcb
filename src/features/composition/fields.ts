/** Which header fields of a request go on to those within it, and which come back. */
import { Headers, type Request, type Response } from '../../kit.js';

/** About a body, which do not go with a request that has none. */
const OF_BODY = /^(?:content-.*|transfer-encoding|trailer|te|expect|digest|repr-digest)$/i;
/** About what the client has already, and the connection that it may take over. */
const OF_CLIENT = /^(?:if-.*|range|connection|upgrade|sec-websocket-.*|http2-settings)$/i;

/** Those of a request without its body. */
export function withoutBody(headers: Headers): Headers {
  return keeping(headers, (name) => !OF_BODY.test(name));
}

/** Those for a page in place of another: its content is asked for, and all of it. */
export function ofPages(headers: Headers): Headers {
  return keeping(headers, (name) => !OF_BODY.test(name) && !OF_CLIENT.test(name));
}

/** Those for a part of a page, which cannot be encoded besides. */
export function ofParts(headers: Headers): Headers {
  const own = ofPages(headers);
  own.delete('Accept-Encoding');
  return own;
}

/** The fields of a response as a client would get them from those that answered: those of its own parts are among them. */
export function headOf(response: Response, { settings }: Request): Headers {
  const fields = settings.finisher.fields(response);
  const head = new Headers();
  for (let i = 0; i < fields.length; i += 2) head.append(fields[i] ?? '', fields[i + 1] ?? '');
  return head;
}

function keeping(headers: Headers, isKept: (name: string) => boolean): Headers {
  return new Headers([...headers].filter(([name]) => isKept(name)));
}

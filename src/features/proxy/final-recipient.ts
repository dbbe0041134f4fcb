/** Requests that shall go no further: Max-Forwards is zero (RFC 9110 7.6.2). */
import { METHODS, NoContentResponse, type Request, Response } from '../../kit.js';

/** What a client that is asked to be shown its request is not shown (RFC 9110 9.3.8). */
const SECRET = /^(?:authorization|cookie|proxy-authorization)$/i;

/** The answer to OPTIONS, or to TRACE with the request as it came. */
export function finalAnswer(request: Request, methods: readonly string[] = METHODS): Response {
  const { method, target, httpVersion, headers } = request;
  if (method === 'OPTIONS') return new NoContentResponse({ headers: { Allow: methods.join(', ') } });
  const lines = [...headers]
    .filter(([name]) => !SECRET.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  const text = [`TRACE ${target} HTTP/${httpVersion}`, ...lines, '', ''].join('\r\n');
  return new Response(Buffer.from(text, 'latin1'), { contentType: 'message/http' });
}

/** `proxy(...)`: other servers answer, and the client sees one. */
import type { Request, Response } from '../../kit.js';
import { Passage } from './passage.js';
import { proxyPlan, type ProxyOptions } from './options.js';

/**
 * A handler that passes requests on to other servers, bodies streamed both ways. A server that cannot be reached is passed over for
 * the next one; one that fails later only where the request may be repeated (RFC 9110 9.2.2). Answers are sent as they come.
 * @throws ObolError E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * await listen(proxy({ upstreams: ['http://127.0.0.1:3000', 'http://127.0.0.1:3001'] }), { port: 8080 });
 * await bootstrap({ controllers, middleware: [mount('/shop', proxy({ upstreams: 'http://127.0.0.1:3000/v2' }))] });
 * ```
 */
export function proxy(options: ProxyOptions): (request: Request) => Promise<Response> {
  const plan = proxyPlan(options);
  return (request) => new Passage(request, plan).answer();
}

/** Stands around everything in this folder and below. */
import type { Handler, Request, Response } from 'obol';

export default async function timed(request: Request, next: Handler): Promise<Response> {
  const start = performance.now();
  const response = await next(request);
  response.headers.set('Server-Timing', `site;dur=${(performance.now() - start).toFixed(1)}`);
  return response;
}

/** Decorators that an application makes itself. */
import { abort, createGuard, type Middleware } from 'obol';
import { MetadataKey } from 'obol/kit';

export const SUMMARY = new MetadataKey<string>('matrix.summary');

export const Summary = (text: string) => SUMMARY.decorator(text, Summary);

export const Key = createGuard('Key', (_setup, key: string) => (request) => {
  if (request.headers.get('x-key') !== key) abort(403);
});

export const marked: Middleware = async (request, next) => {
  const response = await next(request);
  response.headers.set('X-Marked', 'yes');
  return response;
};

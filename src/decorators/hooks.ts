/** `@BeforeResponse`, `@AfterResponse` and `@Default`: methods that serve more than one route. */
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertOption } from '../metadata/protocol.js';
import type { Methods } from '../routing/router.js';
import type { HandlerDecorator } from './verdict.js';

/** What `@BeforeResponse` and `@AfterResponse` record: that they are there. */
export const BEFORE = new MetadataKey<true>('obol.before');
export const AFTER = new MetadataKey<true>('obol.after');

/** What `@Default` records. */
export const DEFAULT = new MetadataKey<{ readonly methods: Methods }>('obol.default');

/** Runs before every request below the prefix, known path or not. What it returns is ignored; it stops a request by throwing. */
export function BeforeResponse(...none: readonly []): HandlerDecorator<[request: Request]> {
  const [option] = none as readonly unknown[];
  assertOption('BeforeResponse', option);
  return BEFORE.methodDecorator(true, BeforeResponse) as HandlerDecorator<[request: Request]>;
}

/**
 * Runs on every response below the prefix, errors included. What it returns replaces the response; nothing leaves it. What
 * middleware around the application answers or throws itself comes from outside of all hooks.
 */
export function AfterResponse(
  ...none: readonly []
): HandlerDecorator<[request: Request, response: Response]> {
  const [option] = none as readonly unknown[];
  assertOption('AfterResponse', option);
  return AFTER.methodDecorator(true, AfterResponse) as HandlerDecorator<
    [request: Request, response: Response]
  >;
}

/** Answers what nothing else answers below the prefix. @param methods default GET, which brings HEAD */
export function Default(methods: Methods = 'GET'): HandlerDecorator<[request: Request]> {
  assertOption('Default', methods);
  return DEFAULT.methodDecorator({ methods }, Default) as HandlerDecorator<[request: Request]>;
}

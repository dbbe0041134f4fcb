/** `@Form`, `@Json` and `@Data`: how a route, or every route of a controller, wants its body read. */
import type { FormOptions } from '../body/form-options.js';
import type { JsonOptions } from '../body/json.js';
import { assertSetting } from '../ground/settings.js';
import { BODY_RULES, type BodyOptions } from '../message/request-body.js';
import type { ClassOrMethodDecorator } from '../metadata/decorator-types.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertOption } from '../metadata/protocol.js';

/** What `@Form`, `@Json` and `@Data` record. */
export const BODY = new MetadataKey<BodyOptions>('obol.body');

/**
 * Sets limits, progress and the destination of files for the forms of a route, as in
 * `@Form({ files: 1, fileSize: 5 * 1024 * 1024 })`.
 * @param options what they leave out is as in the application's settings; `false` leaves the form to the handler
 */
export function Form(options: FormOptions | false): ClassOrMethodDecorator {
  assertOption('Form', options);
  return BODY.decorator({ form: options }, Form);
}

/**
 * Sets the limits of the JSON bodies of a route.
 * @param options what they leave out is as in the application's settings; `false` leaves the body to the handler
 */
export function Json(options: JsonOptions | false): ClassOrMethodDecorator {
  assertOption('Json', options);
  return BODY.decorator({ json: options }, Json);
}

/**
 * Reads bodies that are neither JSON nor a form into `req.data`.
 * @param limit bytes, over which the answer is 413; `false` leaves every such body to the handler
 * @param options with `partial`, the handler minds the Content-Range of a PUT, which is answered with 400 otherwise
 */
export function Data(
  limit: number | false,
  options: Pick<BodyOptions, 'partial'> = {},
): ClassOrMethodDecorator {
  assertOption('Data', limit);
  return BODY.decorator({ data: limit, ...options }, Data);
}

/** The decorator that records such a value. */
export function bodyDecorator(recorded: BodyOptions): string {
  const [kind = ''] = Object.keys(recorded);
  return `@${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
}

/** @throws ObolError E_SETTING for limits that cannot be, in what one decorator has recorded */
export function assertBody(recorded: BodyOptions): void {
  for (const [kind, options] of Object.entries(recorded))
    assertSetting(bodyDecorator(recorded), options, BODY_RULES[kind as keyof BodyOptions]);
}

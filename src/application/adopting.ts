/** Handlers with settings of their own, wherever they are called: by a host, a mount, or another application. */
import { lastResort } from '../answering/error-page.js';
import { letGo } from '../answering/finalize.js';
import { LIVE } from '../ground/current-request.js';
import type { HttpError } from '../http/http-error.js';
import { isPromise, type Handler } from '../message/handler.js';
import type { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import type { SettingsOptions } from './options.js';
import { applicationSettings } from './settings.js';

type Refuse = (error: HttpError, request: Request) => Response | Promise<Response>;

/**
 * The handler, given each request as these settings read it, its responses finished by them. The outer error position: what
 * escapes the handler is one log line and a plain 500.
 * @param options checked already; a function is asked when the first request comes
 * @param refuse answers what the host refuses in place of a response: 412 and 416. Default the ordinary page
 */
export function adopting(
  options: SettingsOptions | (() => SettingsOptions),
  handler: Handler,
  refuse?: Refuse,
): Handler {
  const adopted: Handler = (request) => {
    const own = request.adopt(given);
    try {
      const answer = LIVE.run ? LIVE.run(own, handler) : handler(own);
      if (answer instanceof Response && !own.isView && !own.settings.development) return answer;
      return finished(own, answer);
    } catch (error) {
      return answeredBy(own, lastResort(error, own));
    }
  };
  const given = applicationSettings(options, { handle: adopted, refuse: refuse && following(refuse) });
  return adopted;
}

/** For the host, which calls it when the handler has answered: what it calls finds the request under way as well. */
function following(refuse: Refuse): Refuse {
  return (error, request) =>
    LIVE.run ? LIVE.run(request, () => refuse(error, request)) : refuse(error, request);
}

/** What is still to come, is answered in development, or inside another application. */
function finished(view: Request, answer: Response | Promise<Response>): Response | Promise<Response> {
  const finish = view.settings.development ? checked : answeredBy;
  if (!isPromise(answer)) return finish(view, answer);
  return answer.then(
    (response) => finish(view, response),
    (error: unknown) => answeredBy(view, lastResort(error, view)),
  );
}

/** In development, a header that protects and was emptied is a mistake; in production, only the host's log has it. */
function checked(view: Request, response: Response): Response {
  if (!response.hasHeaders || response.answeredBy) return answeredBy(view, response);
  try {
    view.settings.finisher.check(response);
    return answeredBy(view, response);
  } catch (error) {
    void letGo(response);
    return answeredBy(view, lastResort(error, view));
  }
}

/**
 * The response, marked with the view that has answered, unless an application further inside has marked it. At the root
 * nothing needs a mark. A response that a handler gives to several requests may still be on its way to another: that one
 * keeps it, and this one gets a copy.
 */
function answeredBy(view: Request, response: Response): Response {
  if (!view.isView || response.answeredBy?.root === view.root) return response;
  const own = response.answeredBy && !response.isStream ? response.with({}) : response;
  own.answeredBy = view;
  return own;
}

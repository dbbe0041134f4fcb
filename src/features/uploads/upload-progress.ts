/** Lets browsers follow their own uploads: `uploadProgress()` is the feature, server-sent events are the answer. */
import {
  checkOptions,
  EventStreamResponse,
  type Feature,
  HttpError,
  JsonResponse,
  type Middleware,
  type Request,
  type Response,
  rule,
  type Rules,
  withDefaults,
} from '../../kit.js';
import { isOver, type FollowedUpload, type Follower, type UploadFigures } from './followed-upload.js';
import { FollowedUploads, type FollowLimits } from './followed-uploads.js';

export interface UploadProgressOptions extends Partial<FollowLimits> {
  /** Below it browsers ask for an upload by its id. Default `/upload-progress`. */
  readonly path?: string;
  /** Of the query, in which browsers name the id of an upload. Default `upload-id`. */
  readonly parameter?: string;
  /** Milliseconds for which a client may follow an upload that has not come. Default 10,000. */
  readonly patience?: number;
}

const DEFAULTS: Required<UploadProgressOptions> = {
  path: '/upload-progress',
  parameter: 'upload-id',
  patience: 10_000,
  keep: 30_000,
  maxUploads: 1_000,
  maxFollowers: 1_000,
};

const RULES: Rules<UploadProgressOptions> = {
  path: rule.text('a path such as "/upload-progress"', /^(?:\/[\w.~-]+)+$/),
  parameter: rule.text('a name such as "upload-id"', /^[\w.~-]+$/),
  ...rule.each(['patience', 'keep'], rule.milliseconds()),
  maxUploads: rule.whole('uploads'),
  maxFollowers: rule.whole('followers'),
};

/** Unguessable by its length alone: 22 characters of this alphabet hold 132 bits. `crypto.randomUUID()` fits. */
const ID = /^[\w-]{22,64}$/;
/** Milliseconds between two events of one upload. */
const INTERVAL = 100;
/** Milliseconds after which a browser that lost the connection connects again. */
const RETRY = 1_000;
const FORM_TYPES = ['multipart/form-data', 'application/x-www-form-urlencoded'];
const HEADERS = { 'Cache-Control': 'no-store, no-transform', Vary: 'Accept' };

/**
 * Follows every form that is sent to a URL with `?upload-id=<id>`, an id that the browser chose: 22 to 64 characters of
 * `A-Z a-z 0-9 _ -`, such as `crypto.randomUUID()`. Who knows the id may ask how far the upload is:
 * `GET /upload-progress/<id>` answers server-sent events (`progress`, at most ten a second, then `done` or `failed`) or
 * the figures of this moment as JSON. The events may be asked for before the upload has begun.
 * @throws ObolError E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [uploadProgress()] });
 * ```
 */
export function uploadProgress(options: UploadProgressOptions = {}): Feature {
  checkOptions('uploadProgress', options, RULES);
  const { path, parameter, patience, ...limits } = withDefaults(DEFAULTS, options);
  const uploads = new FollowedUploads(limits);
  const receive: Middleware = (request, next) => {
    const id = uploadId(request, parameter);
    if (id !== undefined) uploads.receive(id, request);
    return next(request);
  };
  const progress = (request: Request, id: string): Response => answer(uploads, { request, id, patience });
  return {
    middleware: [receive],
    routes: [{ path: `${path}/<id:re:${ID.source.slice(1, -1)}>`, handler: progress }],
  };
}

/** The id of a form that is sent. @throws HttpError 400 when it is none */
function uploadId(request: Request, parameter: string): string | undefined {
  const { method, target } = request;
  // Nearly every request is sorted out here, before anything is parsed.
  if ((method !== 'POST' && method !== 'PUT') || !target.includes(parameter)) return undefined;
  const [id, second] = request.args.getList(parameter);
  if (id === undefined) return undefined;
  if (second !== undefined || !ID.test(id))
    throw new HttpError(400, `The argument "${parameter}" is one id of 22 to 64 letters, digits, "_" or "-"`);
  return request.hasBody && FORM_TYPES.includes(request.mimeType) ? id : undefined;
}

interface Question {
  readonly request: Request;
  readonly id: string;
  readonly patience: number;
}

function answer(uploads: FollowedUploads, { request, id, patience }: Question): Response {
  const offers = ['application/json', 'text/event-stream'] as const;
  if (request.accepts(...offers) === 'text/event-stream') {
    const { upload, follower } = uploads.admit(id, request);
    return new EventStreamResponse(eventsOf(upload, follower, patience), { retry: RETRY, headers: HEADERS });
  }
  const upload = uploads.find(id);
  if (!upload)
    throw new HttpError(404, 'No upload with this id', { headers: { 'Cache-Control': 'no-store' } });
  return new JsonResponse(upload.figures, { headers: HEADERS });
}

/** What a browser is sent: the figures, under the name of what has happened. */
interface UploadEvent {
  readonly event: 'progress' | 'done' | 'failed';
  readonly data: UploadFigures;
}

async function* eventsOf(
  upload: FollowedUpload,
  follower: Follower,
  patience: number,
): AsyncGenerator<UploadEvent, void, undefined> {
  let sent: UploadFigures | undefined;
  while (!follower.hasLeft) {
    const figures = upload.figures;
    const { state, received } = figures;
    if (isOver(state)) return yield { event: state === 'complete' ? 'done' : 'failed', data: figures };
    if (state === 'expected') {
      const isStillExpected = !(await follower.sleep(patience));
      if (isStillExpected) return yield { event: 'failed', data: figures };
    } else if (state === sent?.state && received === sent.received) {
      await follower.sleep();
    } else {
      sent = figures;
      yield { event: 'progress', data: figures };
      await follower.pause(INTERVAL);
    }
  }
}

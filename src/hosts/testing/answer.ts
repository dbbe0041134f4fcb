/** The answer of a handler to one request, as a host would send it. */
import { lastResort, responseOf } from '../../answering/error-page.js';
import { discardBody, letGo, sendsBody } from '../../answering/finalize.js';
import { represent } from '../../answering/represent.js';
import {
  attempt,
  Declined,
  HttpError,
  requestName,
  type Response,
  toBytes,
  UpgradeResponse,
  type Handler,
  type Request,
} from '../../kit.js';
import { isInstance } from '../../ground/brand.js';
import { checkedHeaders } from '../../message/headers.js';
import { connectionPair } from './connection-pair.js';
import { onAbort, rethrow } from './request.js';
import { streamedBytes, type ResponseParts } from './test-response.js';

type Answer = Pick<ResponseParts, 'status' | 'headers' | 'body' | 'isStream' | 'socket'>;

/** How a request is made. */
interface AskOptions {
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal | undefined;
  /** Whether the client wants a WebSocket. Default false. */
  readonly opens?: boolean | undefined;
}

/**
 * Asks a handler, for a client that may leave.
 * @throws Error, as a rejection, for a connection that is closed without an answer or taken over, what a plain handler throws
 * that is no HTTP error, and the reason of the signal when the client leaves
 */
export async function answerTo(
  handle: Handler,
  request: Request,
  { signal, opens = false }: AskOptions,
): Promise<Answer> {
  const asked = `${request.method} ${request.target}`;
  const answer = await unlessLeft(answered(handle, request), request, signal);
  assertAnswered(answer, request);
  const view = answer.answeredBy?.root === request ? answer.answeredBy : request;
  if (isInstance(answer, UpgradeResponse)) {
    if (!opens || answer.protocol !== 'websocket')
      throw new Error(
        `${asked} takes over its connection; for a WebSocket, open it by client.webSocket(), and test any other protocol ` +
          'on a server that listens',
      );
    return takenOver(view, answer, signal);
  }
  const sent = await represent(view, answer);
  assertAnswered(sent, request);
  return received(view, sent, signal);
}

function assertAnswered(answer: Response, request: Request): void {
  if (!(Declined.brand in answer)) return;
  request.close(rethrow);
  throw new Error(`The connection was closed without an answer to ${request.method} ${request.target}`);
}

/** An HTTP error or a response that a plain handler lets escape is the answer, as on a server. */
async function answered(handle: Handler, request: Request): Promise<Response> {
  try {
    const answer = await handle(request);
    return await (sendsBody(request, answer) ? answer.open(request) : answer);
  } catch (error) {
    if (error instanceof HttpError || responseOf(error)) return lastResort(error, request);
    throw error;
  }
}

async function unlessLeft(
  answering: Promise<Response>,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (!signal) return answering;
  const left = new Promise<never>((_, reject) => {
    onAbort(signal, () => {
      reject(signal.reason as Error);
    });
  });
  try {
    return await Promise.race([answering, left]);
  } catch (error) {
    if (signal.aborted) {
      answering.then(letGo, () => undefined);
      request.close(rethrow);
    }
    throw error;
  }
}

async function received(
  request: Request,
  response: Response,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { status } = response;
  const headers = checkedHeaders(request.settings.finisher.fields(response));
  const done = (): void => {
    request.close(rethrow);
  };
  request.root.isHeadSent = true;
  if (response.isStream && sendsBody(request.root, response)) {
    const stream = response.takeStream();
    const body = streamedBytes(stream, { length: response.length, signal, done });
    return { status, headers, body, isStream: true };
  }
  await discardBody(response);
  done();
  const content = sendsBody(request.root, response) ? (response.body as string | Uint8Array | null) : null;
  return { status, headers, body: wholeBody(toBytes(content ?? '')), isStream: false };
}

/** The handler goes on on a connection of which the client has the other end. */
function takenOver(request: Request, response: UpgradeResponse, signal: AbortSignal | undefined): Answer {
  const [here, socket] = connectionPair();
  const fail = (error: unknown): void => {
    request.log.error({ err: error }, `${requestName(request)}, in taking over its connection, which is cut`);
    socket.destroy();
  };
  const headers = checkedHeaders(request.settings.finisher.fields(response));
  request.root.isHeadSent = true;
  // The host hears its errors.
  socket
    .on('error', () => undefined)
    .once('close', () => {
      request.close(rethrow);
    });
  onAbort(signal, () => {
    here.destroy();
  });
  const closing = new AbortController().signal;
  void attempt(() => response.takeOver({ socket, head: Buffer.alloc(0), closing }) as Promise<unknown>, fail);
  return {
    status: response.status,
    headers,
    body: wholeBody(Buffer.alloc(0)),
    isStream: false,
    socket: here,
  };
}

async function* wholeBody(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield Promise.resolve(bytes);
}

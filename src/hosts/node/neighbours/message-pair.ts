/** A request of ours as node:http has requests: an IncomingMessage, and a ServerResponse whose answer becomes a response. */
import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http';
import { requestName } from '../../../answering/request-lines.js';
import { encodeCanonical } from '../../../http/target.js';
import type { Headers } from '../../../message/headers.js';
import type { Request } from '../../../message/request.js';
import type { Response } from '../../../message/response.js';
import { AnswerSocket, type Receiver } from './answer-socket.js';
import { feedBody } from './feed-body.js';
import { play } from './play.js';
import { withSharedFields } from './shared-head.js';

/** Members of a response by which middleware sees what is sent. */
const WATCHED = ['_implicitHeader', 'end', 'flushHeaders', 'setHeader', 'write', 'writeHead'];

/** Both messages of one request. All middleware that it passes through gets the same. */
export class MessagePair {
  readonly incoming: IncomingMessage & { originalUrl?: string; baseUrl?: string };
  readonly outgoing: ServerResponse;
  /** Whether the fields that were set on `outgoing` are in a response. */
  isSpent = false;
  /** Those that wait for the answer; the innermost gets it. */
  #receivers: readonly Receiver[] = [];
  #played: Response | undefined;
  readonly #socket: AnswerSocket;

  constructor(request: Request) {
    this.#socket = new AnswerSocket(request, {
      resolve: (answer) => {
        this.#receive(answer);
      },
      reject: (error) => this.#receivers.at(-1)?.reject(error),
    });
    this.incoming = incomingFor(request, this.#socket);
    this.outgoing = outgoingFor(this.incoming, this.#socket);
    this.#endWith(request);
  }

  /** Whether middleware wants to see what is sent: the session that is saved then, the log line of a response. */
  get isWatched(): boolean {
    const { outgoing } = this;
    return (
      WATCHED.some((name) => Object.hasOwn(outgoing, name)) ||
      outgoing.listenerCount('finish') > 1 ||
      outgoing.listenerCount('close') > 0
    );
  }

  /** Shows the request as the caller sees it: the path below its mounts, read as routes read it. */
  show({ path, query, baseUrl }: Request): void {
    const url = `${encodeCanonical(path)}${query === '' ? '' : `?${query}`}`;
    Object.assign(this.incoming, { url, baseUrl, originalUrl: baseUrl + url });
  }

  /** The receiver waits for an answer until it is forgotten. */
  wait(receiver: Receiver): Receiver {
    this.#receivers = [...this.#receivers, receiver];
    return receiver;
  }

  forget(receiver: Receiver): void {
    this.#receivers = this.#receivers.filter((other) => other !== receiver);
  }

  /** Writes a response for those who watch; the receiver gets what comes of it. @throws what its stream throws before its first chunk */
  play(response: Response, request: Request): Promise<void> {
    this.#played = response;
    return play(response, request, this.outgoing);
  }

  /** The response with what was set for it. */
  mergeInto(response: Response): Response {
    this.isSpent = true;
    return withSharedFields(response, this.outgoing);
  }

  #receive(answer: Response): void {
    this.isSpent = true;
    const { answeredBy, ranges } = this.#played ?? {};
    if (answeredBy) answer.answeredBy = answeredBy;
    if (ranges) answer.ranges = ranges;
    this.#receivers.at(-1)?.resolve(answer);
  }

  /** Closes both messages with the request. */
  #endWith(request: Request): void {
    const { outgoing } = this;
    const socket = this.#socket;
    const end = (): void => void socket.destroy();
    // Such as a write after the end, which ends the process where no one hears of it.
    outgoing.on('error', (error) => {
      request.log.error({ err: error }, `${requestName(request)}: a middleware of connect() failed`);
    });
    outgoing.once('finish', () => {
      outgoing.detachSocket(socket as never);
      socket.complete();
      process.nextTick(() => outgoing.emit('close'));
    });
    socket.once('close', () => {
      if (!outgoing.writableFinished) this.incoming.destroy(aborted());
      for (const { reject } of [...this.#receivers].reverse())
        reject(
          socket.errored ?? request.signal.reason ?? new Error('The request was over before it was answered'),
        );
    });
    request.signal.addEventListener('abort', end, { once: true });
    request.onClose(end);
  }
}

function incomingFor(request: Request, socket: AnswerSocket): IncomingMessage {
  const { method, httpVersion, headers } = request;
  const incoming = new IncomingMessage(socket as never);
  const [httpVersionMajor = 1, httpVersionMinor = 1] = httpVersion.split('.').map(Number);
  Object.assign(incoming, { method, httpVersion, httpVersionMajor, httpVersionMinor });
  incoming.rawHeaders = [...headers.flat];
  incoming.headers = plainHeaders(headers);
  feedBody(incoming, request);
  return incoming;
}

function outgoingFor(incoming: IncomingMessage, socket: AnswerSocket): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.sendDate = false;
  outgoing.useChunkedEncodingByDefault = true;
  // Express changes the prototype of its messages: what shall stay is their own.
  Object.defineProperties(outgoing, {
    chunkedEncoding: { get: () => false, set: () => undefined },
    writableNeedDrain: { get: () => socket.writableNeedDrain },
  });
  outgoing.assignSocket(socket as never);
  socket.on('drain', () => outgoing.emit('drain'));
  return outgoing;
}

/** As node:http reports it. */
function aborted(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

function plainHeaders(headers: Headers): IncomingHttpHeaders {
  const plain: IncomingHttpHeaders = {};
  for (const [name] of headers) {
    const key = name.toLowerCase();
    plain[key] = key === 'set-cookie' ? headers.getAll(key) : headers.get(key);
  }
  return plain;
}

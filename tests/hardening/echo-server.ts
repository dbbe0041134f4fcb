/** A server that tells what it understood of a request, and a way to send it bytes: for everything in this folder. */
import { readdirSync } from 'node:fs';
import {
  bootstrap,
  Controller,
  Data,
  Default,
  Form,
  METHOD_ALL,
  Post,
  reply,
  Route,
  type BootstrapOptions,
  type ListenOptions,
  type ParsedForm,
  type Request,
} from 'obol';
import { spoolFolder } from '../../src/body/spool.js';
import { collectingLogger, type CollectingLogger } from '../support/collecting-logger.js';
import { textFields } from '../support/multipart.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';

/** `METHOD path` of every request that reached a handler. */
export const calls: string[] = [];
/** What became of forms that a handler read itself. */
export const readings: Promise<ParsedForm>[] = [];

@Controller()
class EchoController {
  /** The body as it was read before the handler was called. */
  @Post('/form')
  async form(req: Request) {
    calls.push('POST /form');
    const files: unknown[] = [];
    for (const each of req.form.files)
      files.push([each.name, each.filename, each.type, (await each.bytes()).toString('latin1')]);
    return { fields: textFields(req.form), files };
  }

  @Post('/one-file')
  oneFile(req: Request) {
    return { first: req.form.getFile('f')?.length ?? null };
  }

  @Post('/all-files')
  allFiles(req: Request) {
    return req.form.getFiles('f').map(({ length }) => length);
  }

  @Form({ fileSize: 5, totalSize: 600, memoryFileSize: 1 })
  @Post('/small')
  small(req: Request) {
    calls.push('POST /small');
    return { length: req.form.getFile('f')?.length ?? null };
  }

  @Form(false)
  @Post('/by-hand')
  async byHand(req: Request) {
    calls.push('POST /by-hand');
    const reading = req.readForm();
    readings.push(reading);
    return [...(await reading)];
  }

  @Form(false)
  @Post('/answered-before')
  answeredBefore(req: Request) {
    readings.push(req.readForm());
    return 'not waited for';
  }

  @Post('/failing')
  failing(req: Request) {
    calls.push(`POST /failing with ${String(spooled().length)} of ${String(req.form.files.length)} on disk`);
    throw new RangeError('on purpose');
  }

  @Post('/unread')
  unread() {
    calls.push('POST /unread');
    return 'never mind';
  }

  @Post('/swallowing')
  async swallowing(req: Request) {
    calls.push('POST /swallowing');
    await req.readBytes().catch(() => undefined);
    return 'all is well';
  }

  @Post('/json')
  json(req: Request) {
    calls.push('POST /json');
    return {
      type: req.mimeType,
      json: req.json ?? null,
      isForm: req.form.size > 0,
      data: req.data?.length ?? null,
    };
  }

  @Post('/stream')
  async stream(req: Request) {
    let length = 0;
    for await (const chunk of req.stream) length += (chunk as Buffer).length;
    return { length };
  }

  @Data(false)
  @Post('/stream-on')
  streamOn(req: Request) {
    return this.stream(req);
  }

  @Post('/bytes')
  async bytes(req: Request) {
    return { length: (await req.readBytes()).length };
  }

  @Route('/cookies')
  cookies(req: Request) {
    calls.push('GET /cookies');
    return [...req.cookies];
  }

  @Route('/args')
  args(req: Request) {
    return [...req.args];
  }

  @Route('/peer')
  peer(req: Request) {
    const { address, host, hostname, scheme, forwardedHost = null } = req.peer;
    return { address, host, hostname, scheme, forwardedHost, url: req.constructUrl('/x') };
  }

  @Route('/', ['GET', 'POST'])
  @Default(METHOD_ALL)
  any(req: Request) {
    calls.push(`${req.method} ${req.path}`);
    return reply(`${req.method} ${req.path}`, 'text/plain');
  }
}

/** The server and what it logged. */
export interface Echo {
  readonly port: number;
  readonly logger: CollectingLogger;
  /** Sends bytes as they are and takes one response. */
  send(...pieces: (string | Uint8Array)[]): Promise<RawResponse>;
  /** Sends a body of known length. */
  post(path: string, type: string | undefined, body: string | Uint8Array): Promise<RawResponse>;
  close(): Promise<void>;
}

type Settings = Omit<BootstrapOptions, 'controllers'>;

export async function echo(options: Settings = {}, listening: ListenOptions = {}): Promise<Echo> {
  const logger = collectingLogger();
  const app = await bootstrap({ controllers: [EchoController], logger, ...options });
  const server = await app.listen({
    port: 0,
    signals: false,
    drainLinger: 20,
    drainTimeout: 500,
    ...listening,
  });
  const { port } = server;
  const send = async (...pieces: (string | Uint8Array)[]): Promise<RawResponse> => {
    const client = await RawClient.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    try {
      for (const piece of pieces) client.send(piece);
      return await client.response();
    } finally {
      client.destroy();
    }
  };
  const post = (path: string, type: string | undefined, body: string | Uint8Array): Promise<RawResponse> =>
    send(postHead(path, type, body.length), body);
  return { port, logger, send, post, close: () => server.close() };
}

/** The head of a POST with a body of this many bytes; a body of none comes as chunks, of which it has none. */
export function postHead(path: string, type: string | undefined, length: number): string {
  const field = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  const framing = length === 0 ? 'Transfer-Encoding: chunked\r\n\r\n0' : `Content-Length: ${String(length)}`;
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${field}${framing}\r\n\r\n`;
}

/** The files that wait on disk. */
export function spooled(): string[] {
  return readdirSync(spoolFolder());
}

/** Lets the event loop turn until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Descriptors that the process holds. */
export function openDescriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

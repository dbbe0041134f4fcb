/** A FastCGI server of tests, which reads requests with code of its own and answers as the test wants. */
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { TestFolder } from './folder.js';

const [BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR] = [1, 2, 3, 4, 5, 6, 7];

/** A record as it is sent. */
export function rawRecord(
  type: number,
  content: string | Uint8Array = '',
  { id = 1, padding = 0 } = {},
): Buffer {
  const bytes = Buffer.from(content as string);
  const header = Buffer.from([1, type, id >> 8, id & 255, bytes.length >> 8, bytes.length & 255, padding, 0]);
  return Buffer.concat([header, bytes, Buffer.alloc(padding, 0xaa)]);
}

export const rawEnd = (code = 0, status = 0): Buffer => {
  const content = Buffer.alloc(8);
  content.writeInt32BE(code);
  content[4] = status;
  return rawRecord(END, content);
};

/** Names and values of PARAMS. */
export function readNameValues(bytes: Buffer): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  let at = 0;
  const length = (): number => {
    const first = bytes.readUInt8(at);
    const size = first < 128 ? first : bytes.readUInt32BE(at) & 0x7fffffff;
    at += first < 128 ? 1 : 4;
    return size;
  };
  const text = (size: number): string => bytes.toString('utf8', at, (at += size));
  while (at < bytes.length) {
    const [name, value] = [length(), length()];
    pairs.push([text(name), text(value)]);
  }
  return pairs;
}

/** A request that has come. */
export class Incoming {
  readonly socket: Socket;
  flags = 0;
  role = 0;
  readonly pairs: Buffer[] = [];
  readonly inputs: Buffer[] = [];
  isAborted = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get params(): Readonly<Record<string, string>> {
    return Object.fromEntries(readNameValues(Buffer.concat(this.pairs)));
  }

  get input(): string {
    return Buffer.concat(this.inputs).toString('latin1');
  }

  send(...bytes: readonly Uint8Array[]): this {
    this.socket.write(Buffer.concat(bytes));
    return this;
  }

  out(text: string): this {
    return this.send(rawRecord(STDOUT, text));
  }

  err(text: string): this {
    return this.send(rawRecord(STDERR, text));
  }

  /** Ends the request, and the connection where that was not to be kept. */
  end(code = 0, status = 0): void {
    this.send(rawEnd(code, status));
    if ((this.flags & 1) === 0) this.socket.end();
  }

  /** Answers with a document. */
  answer(text: string, fields = 'Content-Type: text/plain\n'): void {
    this.out(`${fields}\n${text}`).end();
  }
}

export type Answering = (incoming: Incoming) => void;

const answerNothing: Answering = (incoming) => {
  incoming.answer('');
};

export class FastcgiResponder {
  readonly socket: string;
  readonly requests: Incoming[] = [];
  readonly sockets = new Set<Socket>();
  /** How many connections there were. */
  connections = 0;
  /** Called with each request that is whole. */
  answer: Answering;
  /** Called with each whose body is still to come. */
  begun: Answering = () => undefined;
  readonly #folder = new TestFolder();
  readonly #server: Server;

  private constructor(answer: Answering) {
    this.answer = answer;
    this.socket = `${this.#folder.path}/s`;
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(answer: Answering = answerNothing): Promise<FastcgiResponder> {
    const responder = new FastcgiResponder(answer);
    responder.#server.listen(responder.socket);
    await once(responder.#server, 'listening');
    return responder;
  }

  /** The last request that has come. */
  get last(): Incoming {
    const last = this.requests.at(-1);
    if (!last) throw new Error('No request has come');
    return last;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#folder.remove();
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    let incoming = new Incoming(socket);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 8) {
        const size = bytes.readUInt16BE(4);
        const total = 8 + size + bytes.readUInt8(6);
        if (bytes.length < total) return;
        const [type, content] = [bytes.readUInt8(1), bytes.subarray(8, 8 + size)];
        bytes = bytes.subarray(total);
        if (type === BEGIN) this.requests.push((incoming = new Incoming(socket)));
        this.#take(incoming, type, content);
      }
    });
  }

  #take(incoming: Incoming, type: number, content: Buffer): void {
    if (type === BEGIN) {
      incoming.role = content.readUInt16BE(0);
      incoming.flags = content.readUInt8(2);
    } else if (type === ABORT) {
      incoming.isAborted = true;
    } else if (type === PARAMS) {
      incoming.pairs.push(content);
      if (content.length === 0) this.begun(incoming);
    } else if (type === STDIN) {
      incoming.inputs.push(content);
      if (content.length === 0) this.answer(incoming);
    }
  }
}

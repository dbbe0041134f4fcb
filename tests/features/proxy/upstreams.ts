/** Servers behind a proxy: one that answers with bytes as they are, and one that shows the request it got. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createRawServer,
  type AddressInfo,
  type Server as RawServer,
  type Socket,
} from 'node:net';

/** What a server got. */
export interface Shown {
  readonly method: string;
  readonly url: string;
  /** Names in lower case, every value in order. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
}

/** A server of bytes. */
export class RawUpstream {
  /** All that has come, of all connections. */
  received = '';
  connections = 0;
  readonly sockets = new Set<Socket>();
  readonly #server: RawServer;
  #url = '';

  /** @param answer called with each head that has come, and its number on its connection */
  constructor(answer: string | ((socket: Socket, head: string, index: number) => void)) {
    this.#server = createRawServer((socket) => {
      this.connections++;
      this.sockets.add(socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket)));
      let pending = '';
      let index = 0;
      socket.setEncoding('latin1').on('data', (text: string) => {
        this.received += text;
        pending += text;
        for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
          const head = pending.slice(0, end + 4);
          pending = pending.slice(end + 4);
          if (!/^[A-Z]+ /.test(head)) continue;
          if (typeof answer === 'string') socket.end(Buffer.from(answer, 'latin1'));
          else answer(socket, head, index++);
        }
      });
    });
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A server of node:http that shows each request as JSON, or answers as it is asked to. */
export class ShowingUpstream {
  readonly server: Server;
  url = '';
  count = 0;

  constructor(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void = show) {
    this.server = createServer((incoming, outgoing) => {
      this.count++;
      answer(incoming, outgoing);
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function show(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method = '', url = '', rawHeaders } = incoming;
  const fields = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? '']] : [],
  );
  let body = '';
  incoming.setEncoding('latin1').on('data', (text: string) => (body += text));
  incoming.on('end', () => {
    outgoing.setHeader('Content-Type', 'application/json').end(JSON.stringify({ method, url, fields, body }));
  });
}

/** A port of this machine where no server is. */
export async function deadUrl(): Promise<string> {
  const gone = await new ShowingUpstream().start();
  await gone.stop();
  return gone.url;
}

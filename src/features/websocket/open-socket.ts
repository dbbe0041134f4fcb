/** Hands a connection that was taken over to the package ws. */
import type { Duplex } from 'node:stream';
import type { Agreement } from './handshake.js';
import type { WebSocketPlan } from './options.js';
import { loadWs, type WsServer, type WsSocket } from './ws-package.js';

/** Milliseconds for a client to close its side. */
const CLOSE_WITHIN = 5000;
/** Bytes that a packet has on the average at least, so that what comes byte by byte does not take many times its size. */
const PACKET_SIZE = 64;

interface Connected {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** @throws Error where the client has left meanwhile */
export function openSocket({ socket, head }: Connected, agreement: Agreement, plan: WebSocketPlan): WsSocket {
  const { key, protocol, offer } = agreement;
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    ...(protocol !== undefined && { 'sec-websocket-protocol': protocol }),
    ...(offer !== undefined && { 'sec-websocket-extensions': offer }),
  };
  let opened: WsSocket | undefined;
  withoutWriting(socket, () => {
    serverOf(plan).handleUpgrade({ method: 'GET', headers }, socket, head, (ws) => (opened = ws));
  });
  if (!opened) throw new Error('The client has left');
  return opened;
}

function serverOf(plan: WebSocketPlan): WsServer {
  const { WebSocketServer } = loadWs();
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: plan.deflate,
    maxPayload: plan.maxMessageSize,
    maxFragments: plan.maxFragments,
    maxBufferedChunks: Math.ceil(plan.maxMessageSize / PACKET_SIZE) + plan.maxFragments,
    closeTimeout: CLOSE_WITHIN,
  });
}

/** The head is the host's, with all that hooks and sessions have set, and is out already: what ws writes of it goes nowhere. */
function withoutWriting(socket: Duplex, act: () => void): void {
  // Taken away as soon as it is used: an object that loses a property which is not its last grows slow.
  const restore = (): void => void Reflect.deleteProperty(socket, 'write');
  socket.write = () => {
    restore();
    return true;
  };
  try {
    act();
  } finally {
    restore();
  }
}

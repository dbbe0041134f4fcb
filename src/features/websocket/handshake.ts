/** The opening handshake, as far as the server judges it (RFC 6455 4.2). */
import { createHash } from 'node:crypto';
import { HttpError, MethodNotAllowed, type Request, trimWhitespace, UpgradeResponse } from '../../kit.js';
import { judge, PLAIN } from '../csrf/judge.js';
import { comparable } from '../csrf/origin.js';
import { reportOf } from '../csrf/refusal.js';
import { PROTOCOL, type WebSocketPlan } from './options.js';
import { loadWs } from './ws-package.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';
/** 16 bytes in base64. */
const KEY = /^[\w+/]{22}==$/;
const UPGRADE = { Upgrade: 'websocket' };

/** What both sides have agreed on. */
export interface Agreement {
  readonly key: string;
  readonly protocol: string | undefined;
  /** What is compressed, and how, as both sides write it. */
  readonly offer: string | undefined;
  readonly accepted: string | undefined;
}

/**
 * @throws HttpError 426 for what asks for no WebSocket, or for another version; 400 for a handshake that is none; 405 for a method
 * that opens none; 403 for a page of another origin
 */
export function agree(request: Request, plan: WebSocketPlan): Agreement {
  const { headers } = request;
  assertUpgradable(request);
  if (headers.get('sec-websocket-version') !== VERSION)
    throw new HttpError(426, 'Only version 13 of WebSocket is spoken here', {
      headers: { ...UPGRADE, 'Sec-WebSocket-Version': VERSION },
    });
  const key = headers.get('sec-websocket-key') ?? '';
  if (!KEY.test(key)) throw new HttpError(400, 'Sec-WebSocket-Key is not 16 bytes in base64');
  const offered = offeredProtocols(headers.get('sec-websocket-protocol'));
  const compression = plan.deflate ? agreeOnDeflate(headers.get('sec-websocket-extensions'), plan) : {};
  refuseForeign(request, plan);
  return {
    key,
    protocol: offered.length > 0 ? chosenOf(offered, request, plan) : undefined,
    offer: undefined,
    accepted: undefined,
    ...compression,
  };
}

/** The fields of the 101, beside those that every change of protocol has. */
export function fieldsOf({ key, protocol, accepted }: Agreement): Record<string, string> {
  const digest = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  return {
    'Sec-WebSocket-Accept': digest,
    ...(protocol !== undefined && { 'Sec-WebSocket-Protocol': protocol }),
    ...(accepted !== undefined && { 'Sec-WebSocket-Extensions': accepted }),
  };
}

function assertUpgradable(request: Request): void {
  const { method, httpVersion, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowed({ allow: ['GET', 'HEAD'], method });
  if (httpVersion !== '1.1') throw new HttpError(400, 'A WebSocket is opened in HTTP/1.1');
  if (hasContent(headers) || headers.has('expect'))
    throw new HttpError(400, 'A request that opens a WebSocket has no content');
  if (!UpgradeResponse.protocolsAskedBy(request).includes('websocket'))
    throw new HttpError(
      426,
      'There is a WebSocket here: ask with Connection: Upgrade and Upgrade: websocket',
      {
        headers: UPGRADE,
      },
    );
}

/** Java's WebSocket announces an empty content. */
function hasContent(headers: Request['headers']): boolean {
  return headers.has('transfer-encoding') || !/^0*$/.test(headers.get('content-length') ?? '');
}

/** @throws HttpError 400 for a list that is none, or has a name twice (RFC 6455 11.3.4) */
function offeredProtocols(field: string | undefined): readonly string[] {
  if (field === undefined) return [];
  const names = field.split(',').map(trimWhitespace);
  if (new Set(names).size === names.length && names.every((name) => PROTOCOL.test(name))) return names;
  throw new HttpError(400, 'Sec-WebSocket-Protocol is not a list of different names');
}

/** What the server knows best; of what a function chooses, only what was offered. */
function chosenOf(
  offered: readonly string[],
  request: Request,
  { protocols }: WebSocketPlan,
): string | undefined {
  const chosen =
    typeof protocols === 'function'
      ? protocols(offered, request)
      : protocols.find((protocol) => offered.includes(protocol));
  return chosen !== undefined && offered.includes(chosen) ? chosen : undefined;
}

/** @throws HttpError 400 for a list of extensions that cannot be read, or asks for what no server can do */
function agreeOnDeflate(
  field: string | undefined,
  plan: WebSocketPlan,
): Pick<Agreement, 'offer' | 'accepted'> | undefined {
  if (field === undefined) return undefined;
  const { extension, PerMessageDeflate } = loadWs();
  const name = PerMessageDeflate.extensionName;
  try {
    const offers = extension.parse(field)[name];
    if (!offers) return undefined;
    const deflate = new PerMessageDeflate({ isServer: true, maxPayload: plan.maxMessageSize });
    deflate.accept(offers);
    return { offer: field, accepted: extension.format({ [name]: [deflate.params] }) };
  } catch (cause) {
    throw new HttpError(400, 'Sec-WebSocket-Extensions cannot be agreed to', { cause });
  }
}

/** Browsers say which page it is, and let it open connections to all servers with the cookies of those; other clients have no page. */
function refuseForeign(request: Request, { origins }: WebSocketPlan): void {
  if (origins === '*') return;
  if (judge(request, { ...PLAIN, trusted: new Set(origins.map(comparable)) }) === 'pass') return;
  throw new HttpError(403, 'A page of another site may not open this WebSocket', {
    hint: `${reportOf(request)} If its pages may, name it in origins; if it is this very site, the proxy in front is not in trustProxy or changes Host.`,
  });
}

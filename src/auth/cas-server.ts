/** The back channel to a CAS server: asks it what a ticket is worth (CAS protocol 3.0, 2.8). */
import { ObolError } from '../errors.js';
import { HttpError } from '../http/http-error.js';
import { readServiceResponse, type CasAnswer } from './cas-response.js';
import { isLoopback } from './login-transport.js';

const TIMEOUT = 5000;
const MAX_BYTES = 64 * 1024;

/** Somebody to ask over HTTP; the global fetch is one. */
export type Fetch = (
  url: URL,
  init: {
    readonly redirect: 'error';
    readonly signal: AbortSignal;
    readonly headers: Record<string, string>;
  },
) => Promise<FetchResponse>;

interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * The address of a CAS server, to which its paths are added.
 * @throws ObolError E_SETTING for one that is not https, unless it is of this machine
 */
export function casBase(setting: string, url: string): URL {
  const base = URL.canParse(url) ? new URL(url.endsWith('/') ? url : `${url}/`) : undefined;
  if (base === undefined || base.search + base.hash + base.username !== '')
    throw new ObolError(
      'E_SETTING',
      `${setting}: ${JSON.stringify(url)} is no URL, such as "https://cas.example.org/cas".`,
    );
  const isLocal = base.protocol === 'http:' && isLocalName(base.hostname);
  if (base.protocol !== 'https:' && !isLocal)
    throw new ObolError(
      'E_SETTING',
      `${setting}: ${JSON.stringify(url)} is not https, so that anybody on the way could log in.`,
    );
  return base;
}

function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/** @throws HttpError 502 when the server cannot be asked, or answers something else */
export async function validateTicket(url: URL, ask: Fetch = fetchOf()): Promise<CasAnswer> {
  let text: string;
  try {
    const response = await ask(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
      headers: { Accept: 'application/xml, text/xml' },
    });
    if (!response.ok) throw new Error(`status ${String(response.status)}`);
    text = await readText(response);
  } catch (cause) {
    throw new HttpError(502, 'The server that logs in cannot be asked', { cause });
  }
  const answer = readServiceResponse(text);
  if (!answer) throw new HttpError(502, 'The server that logs in gave no answer that can be read');
  return answer;
}

async function readText({ body }: FetchResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new Error('more than 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function fetchOf(): Fetch {
  return (globalThis as unknown as { readonly fetch: Fetch }).fetch;
}

/** The back channel to a CAS server: asks it what a ticket is worth (CAS protocol 3.0, 2.8). */
import { HttpError } from '../../kit.js';
import { NO_STORE } from '../auth/login/see-other.js';
import { readServiceResponse, type CasAnswer } from './cas-response.js';
import { FETCH_SECONDS, fetchWhole, ServerFault, type FetchedResponse } from './bounded-fetch.js';

const MAX_BYTES = 64 * 1024;
/** Failures (CAS protocol 3.0, 2.5.3) that are none of the ticket: with them, no user gets in. */
const OUT_OF_ORDER: ReadonlyMap<string, string> = new Map([
  ['INTERNAL_ERROR', 'it has an internal error (INTERNAL_ERROR)'],
  ['INVALID_REQUEST', 'it does not take how it is asked (INVALID_REQUEST)'],
  [
    'UNAUTHORIZED_SERVICE',
    'it does not know this service (UNAUTHORIZED_SERVICE); register its address there',
  ],
]);

/** What asks over HTTP; the global fetch is one. */
export type Fetch = (
  url: URL,
  init: {
    readonly redirect: 'error';
    readonly signal: AbortSignal;
    readonly headers: Record<string, string>;
  },
) => Promise<FetchResponse>;

interface FetchResponse extends FetchedResponse {
  readonly ok: boolean;
}

/** @throws HttpError 502, with a ServerFault as its cause, when the server cannot be asked or answers something else */
export async function validateTicket(url: URL, ask: Fetch = fetchOf()): Promise<CasAnswer> {
  try {
    return await answerOf(url, ask);
  } catch (cause) {
    throw new HttpError(502, 'The server that logs in cannot be asked', { cause, headers: NO_STORE });
  }
}

async function answerOf(url: URL, ask: Fetch): Promise<CasAnswer> {
  const signal = AbortSignal.timeout(FETCH_SECONDS * 1000);
  const headers = { Accept: 'application/xml, text/xml' };
  const { response, bytes } = await fetchWhole(() => ask(url, { redirect: 'error', signal, headers }), {
    maxBytes: MAX_BYTES,
    signal,
  });
  if (!response.ok) throw new ServerFault(`it answers ${String(response.status)} to ${url.pathname}`);
  const answer = readServiceResponse(bytes.toString());
  if (!answer)
    throw new ServerFault(`its answer to ${url.pathname} is none of CAS 3.0; is the setting server right?`);
  const fault = 'failure' in answer ? OUT_OF_ORDER.get(answer.failure) : undefined;
  if (fault !== undefined) throw new ServerFault(fault);
  return answer;
}

function fetchOf(): Fetch {
  return (globalThis as unknown as { readonly fetch: Fetch }).fetch;
}

/** How openid-client asks the provider: every answer whole, bounded, and from where it was asked for. */
import { fetchWhole, ServerFault, type FetchedResponse } from './bounded-fetch.js';

/** What openid-client gives to a fetch of one's own. */
export interface OidcFetchInit {
  readonly method: string;
  /** Of the time-out that openid-client was given. */
  readonly signal: AbortSignal;
}

interface WebFetch {
  fetch(url: string, init: object): Promise<FetchedResponse & { readonly headers: object }>;
  readonly Response: new (body: Uint8Array | null, init: object) => object;
}

const MAX_BYTES = 256 * 1024;

/**
 * For discovery, tokens and keys. What says nothing on the matter never gets to openid-client.
 * @throws ServerFault for no answer, too late or too long a one, a redirect, and a server that is out of order
 */
export async function boundedFetch(url: string, init: OidcFetchInit): Promise<object> {
  const web = globalThis as unknown as WebFetch;
  const { response, bytes } = await fetchWhole(() => web.fetch(url, { ...init, redirect: 'manual' }), {
    maxBytes: MAX_BYTES,
    signal: init.signal,
  });
  const { status, headers } = response;
  const { origin, pathname } = new URL(url);
  if (status >= 300 && status < 400)
    throw new ServerFault(`it redirects from ${origin}${pathname}, which is not followed`);
  // The token endpoint says what it refuses with a status of its own.
  if (status >= 500 || (init.method === 'GET' && status !== 200))
    throw new ServerFault(`it answers ${String(status)} to ${origin}${pathname}`);
  return new web.Response(bytes.length === 0 ? null : bytes, { status, headers });
}

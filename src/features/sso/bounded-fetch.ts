/** Asks a server that logs people in: answers are bounded in bytes and time, and failures have a reason fit for a log. */

/** Why a server could not be asked, in our own words, so that no secret of an answer, header or address is in them. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
}

/** As much of a `Response` of fetch as is read here. */
export interface FetchedResponse {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The bounds of one answer. */
export interface FetchBounds {
  readonly maxBytes: number;
  /** Ends when the time for the whole answer is over. */
  readonly signal: AbortSignal;
}

/** Seconds for one answer, from the connection to its last byte. */
export const FETCH_SECONDS = 5;

const LATE = `it gave no whole answer within ${String(FETCH_SECONDS)} seconds`;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)/;

/**
 * The answer with all its bytes. `ask` is not relied on to mind the signal.
 * @throws ServerFault for no answer, and for one that is too late or too long
 */
export async function fetchWhole<T extends FetchedResponse>(
  ask: () => Promise<T>,
  bounds: FetchBounds,
): Promise<{ readonly response: T; readonly bytes: Buffer }> {
  try {
    return await beforeEnd(bounds.signal, async () => {
      const response = await ask();
      return { response, bytes: await readBody(response, bounds) };
    });
  } catch (error) {
    if (error instanceof ServerFault) throw error;
    throw new ServerFault(bounds.signal.aborted ? LATE : networkReason(error));
  }
}

function beforeEnd<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      reject(new ServerFault(LATE));
    };
    signal.addEventListener('abort', end, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', end);
      });
  });
}

/** Leaving the loop cancels the rest. */
async function readBody({ body }: FetchedResponse, { maxBytes, signal }: FetchBounds): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (signal.aborted) throw new ServerFault(LATE);
    if (length > maxBytes) throw new ServerFault(`its answer is longer than ${String(maxBytes / 1024)} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The text of an error of fetch may hold what was asked; its code may not. */
function networkReason(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  const { code, message } = (cause ?? error) as { readonly code?: unknown; readonly message?: unknown };
  if (message === 'unexpected redirect')
    return 'it redirects, which is not followed; name its address as it is after that';
  if (typeof code !== 'string' || !/^\w{1,60}$/.test(code)) return 'the connection failed';
  if (CERTIFICATE.test(code))
    return `its certificate is not trusted (${code}); NODE_EXTRA_CA_CERTS names the file of an authority of your own`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its name cannot be looked up (${code})`;
  return `the connection failed (${code})`;
}

/** Responses of ours written as handlers of node:http write theirs, so that middleware sees them. */
import type { ServerResponse } from 'node:http';
import { letGo, sendsBody } from '../../../answering/finalize.js';
import type { Request } from '../../../message/request.js';
import { toBytes, type Chunk, type Response } from '../../../message/response.js';
import { pump } from '../pump.js';
import { setSharedHead } from './shared-head.js';

/**
 * Writes a response to its end; where its stream fails in the middle, `outgoing` is destroyed.
 * @throws what the stream throws before its first chunk
 */
export async function play(response: Response, request: Request, outgoing: ServerResponse): Promise<void> {
  const hasContent = sendsBody(request, response);
  if (hasContent) await response.open(request);
  const { length, headers, body } = response;
  setSharedHead(
    outgoing,
    response,
    length === undefined ? headers.flat : [...headers.flat, 'Content-Length', String(length)],
  );
  if (hasContent && response.isStream) {
    await playStream(response, outgoing);
    return;
  }
  if (response.isStream) void letGo(response);
  outgoing.end(hasContent ? toBytes((body ?? '') as Chunk) : undefined);
}

async function playStream(response: Response, outgoing: ServerResponse): Promise<void> {
  try {
    // By chunks: middleware may keep them, and buffers of files are filled again.
    await pump(response.takeStream(), outgoing, undefined);
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error);
  }
}

/** The one file that knows the web's own Response: handlers may return one. */
/* eslint-disable no-restricted-globals -- this is the adapter between the two kinds of Response */
import { Response as OurResponse, type ChunkStream } from './response.js';

/** Whether a value is a Response of the Fetch standard. */
export function isWebResponse(data: object): data is Response {
  return data instanceof Response;
}

/** The same answer as ours; its body stays a stream. */
export function fromWebResponse(response: Response): OurResponse {
  // What fetch() gave is decoded already, so its encoding is not that of the body any more.
  const fetched = response.type !== 'default';
  const headers = [...response.headers].filter(
    ([name]) => name !== 'content-type' && !(fetched && name === 'content-encoding'),
  );
  return new OurResponse(response.body as ChunkStream | null, {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    headers,
  });
}

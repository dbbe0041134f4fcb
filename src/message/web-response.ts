/** The one file that knows the web's own Response: handlers may return one. */
/* eslint-disable no-restricted-globals -- this is the adapter between the two kinds of Response */
import { Response as OurResponse, type ChunkStream } from './response.js';

/** Whether a value is a Response of the Fetch standard. */
export function isWebResponse(data: object): data is Response {
  return data instanceof Response;
}

/** The same answer as ours; its body stays a stream. */
export function fromWebResponse(response: Response): OurResponse {
  const headers = [...response.headers].filter(([name]) => name !== 'content-type');
  return new OurResponse(response.body as ChunkStream | null, {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    headers,
  });
}

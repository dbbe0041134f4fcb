// Bodies that are validated: the requests with the answers they must get, and what must be refused.

import { exchange } from './check.mjs';
import { jsonType, workloads } from './workloads.mjs';

const [echo] = workloads.post.requests;
const count = JSON.stringify({ people: JSON.parse(echo.body).people.length });

/** The document of `post`: validated by zod, by what each server compiles, and by that and sent back whole. */
export const contractWorkloads = {
  zod: { requests: [{ ...echo, path: '/zod', answer: count }] },
  compiled: { requests: [{ ...echo, path: '/compiled', answer: count }] },
  'compiled-echo': { requests: [{ ...echo, path: '/compiled-echo' }] },
};

/** Throws unless a server refuses a document with one wrong member. */
export async function checkValidation(server, { requests: [request] }) {
  const body = request.body.replace('"score":12.5', '"score":"high"');
  const { status } = await exchange(server.port, { ...request, type: jsonType, body });
  if (status !== 400 && status !== 422) throw new Error(`${request.path} got ${status} for a wrong document`);
}

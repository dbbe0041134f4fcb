// @fastify/http-proxy, which keeps its connections by undici.

import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { serve } from '../serve.mjs';

await serve(async () => {
  const app = fastify();
  await app.register(httpProxy, { upstream: `http://127.0.0.1:${process.argv[2]}` });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});

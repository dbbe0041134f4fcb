// Fastify 5 with @fastify/static and a folder of files.

import statics from '@fastify/static';
import fastify from 'fastify';
import { serve } from '../serve.mjs';

const app = fastify();
app.register(statics, { root: process.argv[2] });

await serve(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});

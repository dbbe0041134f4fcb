// Fastify 5: constraints by regular expression, bodies by its built-in JSON parser.

import fastify from 'fastify';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const app = fastify();

app.get('/text', async () => greeting);
app.get('/json', async () => smallObject);
app.post('/echo', async (request) => request.body);

for (let n = 0; n < defaultResources; n++) {
  app.get(`/r${n}/:name/:id(^\\d+$)`, async ({ params }) => ({ name: params.name, id: Number(params.id) }));
  app.get(`/r${n}/list`, async () => []);
}

await serve(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});

// Fastify 5: constraints by regular expression, bodies by its built-in JSON parser and its plugins for forms.

import { once } from 'node:events';
import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import fastify from 'fastify';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject, uploadLimits } from '../workloads.mjs';

const app = fastify();
app.register(formbody);
app.register(multipart, { limits: { fileSize: uploadLimits.fileSize } });

app.get('/text', async () => greeting);
app.get('/json', async () => smallObject);
app.post('/echo', async (request) => request.body);
app.post('/form', async (request) => ({ fields: Object.keys(request.body).length }));
app.post('/multipart-fields', async (request) => {
  const fields = new Map();
  for await (const { fieldname, value } of request.parts()) fields.set(fieldname, value);
  return { fields: fields.size };
});
app.post('/upload', async (request) => {
  const { file } = await request.file();
  let length = 0;
  file.on('data', (chunk) => (length += chunk.length));
  await once(file, 'end');
  return { length };
});
app.post('/upload-disk', async (request) => {
  const { files } = await request.saveRequestFiles();
  return { length: files[0].file.bytesRead };
});

for (let n = 0; n < defaultResources; n++) {
  app.get(`/r${n}/:name/:id(^\\d+$)`, async ({ params }) => ({ name: params.name, id: Number(params.id) }));
  app.get(`/r${n}/list`, async () => []);
}

await serve(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});

// Hono 4 on its Node.js adapter: constraints by regular expression.

import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const app = new Hono();

app.get('/text', (c) => c.text(greeting));
app.get('/json', (c) => c.json(smallObject));
app.post('/echo', async (c) => c.json(await c.req.json()));

for (let n = 0; n < defaultResources; n++) {
  app.get(`/r${n}/:name/:id{[0-9]+}`, (c) =>
    c.json({ name: c.req.param('name'), id: Number(c.req.param('id')) }),
  );
  app.get(`/r${n}/list`, (c) => c.json([]));
}

await serve(() => listen(createAdaptorServer({ fetch: app.fetch })));

// h3 2 on its own Node.js server: constraints by regular expression.

import { getRouterParam, H3, readBody, serve as serveH3 } from 'h3';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const app = new H3();

app.get('/text', () => greeting);
app.get('/json', () => smallObject);
app.post('/echo', (event) => readBody(event));

for (let n = 0; n < defaultResources; n++) {
  app.get(`/r${n}/:name/:id(\\d+)`, (event) => ({
    name: getRouterParam(event, 'name'),
    id: Number(getRouterParam(event, 'id')),
  }));
  app.get(`/r${n}/list`, () => []);
}

await serve(async () => {
  const server = serveH3(app, { port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false });
  await server.ready();
  return server.node.server.address().port;
});

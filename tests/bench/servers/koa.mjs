// Koa 3 with its router and body parser; the router has no constraints, so the handler checks the number.

import { createServer } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const main = new Router();

main.get('/text', (ctx) => {
  ctx.body = greeting;
});
main.get('/json', (ctx) => {
  ctx.body = smallObject;
});
main.post('/echo', bodyParser(), (ctx) => {
  ctx.body = ctx.request.body;
});

// A router of its own: @koa/router tries every route of a router, and the three above must not pay for these.
const resources = new Router();

for (let n = 0; n < defaultResources; n++) {
  resources.get(`/r${n}/:name/:id`, (ctx) => {
    const id = Number(ctx.params.id);
    if (!Number.isInteger(id)) ctx.throw(404);
    ctx.body = { name: ctx.params.name, id };
  });
  resources.get(`/r${n}/list`, (ctx) => {
    ctx.body = [];
  });
}

const app = new Koa();
app.use(main.routes()).use(resources.routes());

await serve(() => listen(createServer(app.callback())));

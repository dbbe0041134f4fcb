// Express 5 with its JSON parser; the router has no constraints, so the handler checks the number.

import { createServer } from 'node:http';
import express from 'express';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const app = express();
app.disable('x-powered-by');
app.disable('etag');

app.get('/text', (req, res) => {
  res.type('text/plain').send(greeting);
});
app.get('/json', (req, res) => {
  res.json(smallObject);
});
app.post('/echo', express.json(), (req, res) => {
  res.json(req.body);
});

for (let n = 0; n < defaultResources; n++) {
  app.get(`/r${n}/:name/:id`, (req, res, next) => {
    const id = Number(req.params.id);
    if (!Number.isInteger(id)) return next();
    res.json({ name: req.params.name, id });
  });
  app.get(`/r${n}/list`, (req, res) => {
    res.json([]);
  });
}

await serve(() => listen(createServer(app)));

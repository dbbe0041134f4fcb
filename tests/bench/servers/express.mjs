// Express 5 with its own parsers and multer; the router has no constraints, so the handler checks the number.

import { unlink } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import express from 'express';
import multer from 'multer';
import { listen, serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject, uploadLimits } from '../workloads.mjs';

const limits = { fileSize: uploadLimits.fileSize };
const byteCounter = {
  _handleFile(req, { stream }, done) {
    let size = 0;
    stream.on('data', (chunk) => (size += chunk.length));
    stream.on('end', () => done(null, { size }));
  },
  _removeFile: (req, file, done) => done(null),
};
const counted = multer({ storage: byteCounter, limits });
const stored = multer({ storage: multer.diskStorage({ destination: tmpdir() }), limits });

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
app.post('/form', express.urlencoded(), (req, res) => {
  res.json({ fields: Object.keys(req.body).length });
});
app.post('/multipart-fields', multer().none(), (req, res) => {
  res.json({ fields: Object.keys(req.body).length });
});
app.post('/upload', counted.single('file'), (req, res) => {
  res.json({ length: req.file.size });
});
app.post('/upload-disk', stored.single('file'), (req, res) => {
  res.json({ length: req.file.size });
  unlink(req.file.path, () => {});
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

// Express 5 with express.static and a folder of files.

import { createServer } from 'node:http';
import express from 'express';
import { listen, serve } from '../serve.mjs';

const app = express();
app.disable('x-powered-by');
app.use(express.static(process.argv[2]));

await serve(() => listen(createServer(app)));

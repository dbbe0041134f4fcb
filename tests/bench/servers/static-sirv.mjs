// sirv on node:http: it lists the files at the start and never asks the system about them again.

import { createServer } from 'node:http';
import sirv from 'sirv';
import { listen, serve } from '../serve.mjs';

await serve(() => listen(createServer(sirv(process.argv[2], { dev: false, etag: true }))));

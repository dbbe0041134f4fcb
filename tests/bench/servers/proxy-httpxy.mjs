// httpxy over kept connections.

import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'httpxy';
import { listen, serve } from '../serve.mjs';

const target = `http://127.0.0.1:${process.argv[2]}`;
const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true }) });

await serve(() => listen(createServer((request, response) => void proxy.web(request, response))));

// Obol: parameters by types in the path; with --default-headers it sends what it sends by default.

import { bootstrap, Controller, Get, Post, reply, type Request } from './obol-package.js';
import { resourceControllers } from './obol-resources.js';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

@Controller()
class MainController {
  @Get('/text')
  text() {
    return reply(greeting, 'text/plain; charset=utf-8');
  }

  @Get('/json')
  json() {
    return smallObject;
  }

  @Post('/echo')
  echo(req: Request) {
    return req.json;
  }
}

const controllers = [MainController, ...resourceControllers(defaultResources)];
const plainHeaders = { poweredBy: false, securityHeaders: false } as const;
const headers = process.argv.includes('--default-headers') ? {} : plainHeaders;

await serve(async () => {
  const app = await bootstrap({ controllers, ...headers });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});

// Obol with a table of as many routes as the first argument says.

import { bootstrap } from './obol-package.js';
import { resourceControllers } from './obol-resources.js';
import { serve } from '../serve.mjs';

const routes = Number(process.argv[2]);
const controllers = resourceControllers(routes / 2);

await serve(async () => {
  const app = await bootstrap({ controllers, poweredBy: false, securityHeaders: false });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});

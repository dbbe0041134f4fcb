// Obol with a folder of files; with --default-headers it sends what it sends by default.

import { bootstrap, Controller, Get, listen } from './obol-package.js';
import { staticFiles } from '../../../dist/static/index.js';
import { serve } from '../serve.mjs';

@Controller()
class EmptyController {
  @Get('/')
  nothing() {
    return null;
  }
}

const [root, ...flags] = process.argv.slice(2);
const files = staticFiles(root);

await serve(async () => {
  const site = flags.includes('--default-headers')
    ? files
    : { handle: files, hostSettings: await plainHeaders() };
  const server = await listen(site, {
    port: 0,
    host: '127.0.0.1',
    signals: false,
    maxRequestsPerSocket: 0,
  });
  return server.port;
});

/** A folder alone has no settings: those of an application that is never asked. */
async function plainHeaders() {
  const { hostSettings } = await bootstrap({
    controllers: [EmptyController],
    poweredBy: false,
    securityHeaders: false,
  });
  return hostSettings;
}

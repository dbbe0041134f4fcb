// Obol with a folder of files; with --default-headers it sends what it sends by default.

import { listen } from './obol-package.js';
import { adopting } from '../../../dist/application/adopting.js';
import { staticFiles } from '../../../dist/features/static/index.js';
import { serve } from '../serve.mjs';

const [root, ...flags] = process.argv.slice(2);
const files = staticFiles(root);

await serve(async () => {
  const site = flags.includes('--default-headers')
    ? files
    : adopting({ poweredBy: false, securityHeaders: false }, files);
  const server = await listen(site, {
    port: 0,
    host: '127.0.0.1',
    signals: false,
    maxRequestsPerSocket: 0,
  });
  return server.port;
});

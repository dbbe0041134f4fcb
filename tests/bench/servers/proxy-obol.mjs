// proxy() of Obol.

import { listen } from '../../../dist/index.js';
import { proxy } from '../../../dist/features/proxy/index.js';
import { serve } from '../serve.mjs';

await serve(async () => {
  const handle = proxy({ upstreams: `http://127.0.0.1:${process.argv[2]}` });
  const server = await listen(handle, { port: 0, signals: false });
  return server.port;
});

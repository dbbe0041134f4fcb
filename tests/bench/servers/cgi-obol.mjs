// A script by cgiProgram().

import { listen } from '../../../dist/index.js';
import { cgiProgram } from '../../../dist/features/cgi/index.js';
import { serve } from '../serve.mjs';

const [, , script] = process.argv;

await serve(async () => {
  const server = await listen(cgiProgram(script), { port: 0, signals: false });
  return server.port;
});

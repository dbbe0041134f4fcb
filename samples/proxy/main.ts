/** Everything is answered by other servers: `UPSTREAMS=http://127.0.0.1:3000 npm run sample -- proxy`. */
import { listen, makeResponse, type Handler } from 'obol';
import { htmlPage } from 'obol/page';
import { proxy } from 'obol/proxy';

const upstreams = (process.env['UPSTREAMS'] ?? '')
  .split(',')
  .map((url) => url.trim())
  .filter((url) => url !== '');
const waiting = process.env['UPSTREAM_TIMEOUT'] ?? '';
const timeout = waiting === '' ? 30_000 : Number(waiting);

/** Without servers there is nothing to pass on. */
const explain: Handler = () =>
  makeResponse(
    htmlPage({
      title: 'Proxy',
      main: `<p>Whatever is asked for here is answered by other servers, WebSockets included. None is named yet:</p>
<pre>UPSTREAMS=http://127.0.0.1:3000,http://127.0.0.1:3001/path npm run sample -- proxy</pre>
<p>The first that can be reached answers. One that says nothing for <code>UPSTREAM_TIMEOUT</code> milliseconds (30,000) is 504, one that cannot be reached 502.</p>`,
    }),
  );

const handle = upstreams.length === 0 ? explain : proxy({ upstreams, timeout, maxBody: 1024 ** 3 });

const server = await listen(handle, {
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
  // Each server in turn may take its time.
  handlerTimeout: (upstreams.length + 1) * timeout + 1_000,
});
console.log(`Listening on ${server.url}`);

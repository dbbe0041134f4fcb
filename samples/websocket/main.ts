/** A conversation by WebSocket, and a page that holds it: start it with `npm run sample -- websocket`. */
import { bootstrap, Controller, escapeHtml, FileResponse, Get } from 'obol';
import { htmlPage } from 'obol/page';
import { webSocket } from 'obol/websocket';

const page = htmlPage({
  title: 'WebSocket',
  head: '<link rel="icon" href="data:,"><script type="module" src="/talk.js"></script>',
  main: `<p>Whatever you send comes back over the same connection. <span id="state" role="status">connecting</span></p>
<form>
<input name="text" aria-label="Text" autocomplete="off" required> <button>Send</button>
</form>
<ol id="log" aria-label="Messages"></ol>`,
});

const REMARKS = ['Really?', 'How interesting.', 'Go on.', 'I see.'];
/** A remark comes with every so many texts. */
const EVERY = 3;

@Controller()
class WebSocketController {
  @Get('/')
  index() {
    return page;
  }

  @Get('/talk.js')
  script() {
    return new FileResponse(new URL('talk.js', import.meta.url));
  }

  @Get('/ws')
  talk() {
    return webSocket(async function* (messages) {
      yield 'Hello';
      let count = 0;
      for await (const message of messages) {
        if (typeof message !== 'string') continue;
        yield `You said <b>${escapeHtml(message)}</b>`;
        count++;
        if (count % EVERY === 0) yield REMARKS[(count / EVERY - 1) % REMARKS.length] ?? '';
      }
    });
  }
}

const app = await bootstrap({ controllers: [WebSocketController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

/** A conversation by WebSocket, and a page that holds it: start it with `npm run sample -- websocket`. */
import { readFileSync } from 'node:fs';
import { bootstrap, Controller, escapeHtml, Get, type Request } from 'obol';
import { webSocket } from 'obol/websocket';

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');

const REMARKS = ['Really?', 'How interesting.', 'Go on.', 'I see.'];
/** A remark comes with every so many texts. */
const EVERY = 3;

@Controller()
class WebSocketController {
  @Get('/')
  index(req: Request) {
    return page.replace('<script>', `<script nonce="${req.cspNonce}">`);
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

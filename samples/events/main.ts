/** A live page by server-sent events: start it with `npm run sample -- events`. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bootstrap,
  Controller,
  EventStreamResponse,
  Get,
  lastEventId,
  reply,
  type Request,
  type ServerSentEvent,
} from 'obol';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = read('page.html');
const script = read('live.js');

const INTERVAL = Number(process.env['INTERVAL'] ?? 500);
/** Events of one connection; then the browser has to come back, and says where it stopped. */
const PER_CONNECTION = Number(process.env['PER_CONNECTION'] ?? 20);

@Controller()
class EventsController {
  @Get('/')
  index() {
    return page;
  }

  @Get('/live.js')
  script() {
    return reply(script, 'text/javascript');
  }

  @Get('/events')
  events(req: Request) {
    return new EventStreamResponse(this.ticks(Number(lastEventId(req) ?? 0), req.signal), { retry: 1000 });
  }

  /** Counts on from the last number that the browser got. */
  private async *ticks(last: number, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const from = Number.isSafeInteger(last) ? last : 0;
    yield { event: 'hello', data: { from } };
    for (let count = from + 1; count <= from + PER_CONNECTION; count++) {
      yield {
        event: 'tick',
        id: String(count),
        data: { count, time: new Date(), memory: process.memoryUsage().rss },
      };
      // The signal ends the wait when the browser leaves.
      await sleep(INTERVAL, undefined, { signal });
    }
  }
}

const app = await bootstrap({ controllers: [EventsController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

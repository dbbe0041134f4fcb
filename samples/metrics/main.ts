/** How long answers take, measured by a pair of hooks: `npm run sample -- metrics`. */
import {
  AfterResponse,
  BeforeResponse,
  bootstrap,
  ContextKey,
  Controller,
  Get,
  Post,
  reply,
  Response,
  type Request,
} from 'obol';

const STARTED = new ContextKey<number>('metrics.started');

/** Figures of the answers so far; times in seconds. */
class Metrics {
  #requests = 0;
  #total = 0;
  #best = Infinity;
  #worst = 0;

  add(seconds: number): void {
    this.#requests += 1;
    this.#total += seconds;
    this.#best = Math.min(this.#best, seconds);
    this.#worst = Math.max(this.#worst, seconds);
  }

  toJSON() {
    const requests = this.#requests;
    if (requests === 0) return { requests, avg_time: 0, best_time: 0, worst_time: 0 };
    return {
      requests,
      avg_time: this.#total / requests,
      best_time: this.#best,
      worst_time: this.#worst,
    };
  }
}

@Controller()
class MetricsController {
  readonly #metrics = new Metrics();

  @Get('/')
  index() {
    // Given to reply(), text would get its charset: a response has exactly the type it is made with.
    return new Response('Hello World', { contentType: 'text/plain' });
  }

  @Get('/metrics')
  metrics() {
    return this.#metrics;
  }

  @Post('/json')
  json(req: Request) {
    return reply(
      { message: "I'm teapot :-)", request: req.json === undefined ? {} : req.json },
      { status: 418 },
    );
  }

  @BeforeResponse()
  start(req: Request) {
    req.set(STARTED, performance.now());
  }

  /** Errors count too; only what is refused before the hooks has no start. */
  @AfterResponse()
  measure(req: Request) {
    const started = req.get(STARTED);
    if (started !== undefined) this.#metrics.add((performance.now() - started) / 1000);
  }
}

const app = await bootstrap({ controllers: [MetricsController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);

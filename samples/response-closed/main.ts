/** A response that is read back before it is sent: `npm run sample -- response-closed`. */
import { strict as assert } from 'node:assert';
import { bootstrap, Controller, Get, Response } from 'obol';

@Controller()
class ResponseClosedController {
  @Get('/test')
  test() {
    return new Response('Test data');
  }

  /** Reading a body takes nothing out of it and does not close it: it is sent as if it had not been read. */
  @Get('/test-after-response')
  testAfterResponse() {
    const response = new Response('Test data');
    assert.equal(response.body, 'Test data');
    return response;
  }
}

const app = await bootstrap({ controllers: [ResponseClosedController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);

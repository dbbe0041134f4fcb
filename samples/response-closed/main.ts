/** A response that is read back before it is sent: `npm run sample -- response-closed`. */
import { strict as assert } from 'node:assert';
import { bootstrap, Controller, Get, Response } from 'obol';
import { htmlPage } from 'obol/page';

@Controller()
class ResponseClosedController {
  @Get('/')
  index() {
    return htmlPage({
      title: 'Responses that are read back',
      main: `<p>Both answer with the same text; the second was read before it was sent.</p>
<ul>
<li><a href="/test">/test</a></li>
<li><a href="/test-after-response">/test-after-response</a></li>
</ul>`,
    });
  }

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

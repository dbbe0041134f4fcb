// Obol with WebSockets that send back what comes: by callbacks, by a generator, and behind a guard.

import { bootstrap, Controller, createGuard, Get, type Request } from './obol-package.js';
import { Unauthorized } from '../../../dist/http/errors.js';
import { webSocket } from '../../../dist/features/websocket/index.js';
import { serve } from '../serve.mjs';

const CheckToken = createGuard('CheckToken', () => ({ args }: Request) => {
  if (args.getFirst('token') !== 'demo') throw new Unauthorized({ challenges: ['Bearer'] });
});

@Controller()
class EchoController {
  @Get('/callbacks')
  callbacks() {
    return webSocket({ message: (message, socket) => socket.send(message) });
  }

  @Get('/generator')
  generator() {
    return webSocket(async function* (messages) {
      for await (const message of messages) yield message;
    });
  }

  @Get('/guarded')
  @CheckToken()
  guarded() {
    return this.callbacks();
  }
}

await serve(async () => {
  const app = await bootstrap({
    controllers: [EchoController],
    logger: { error() {}, warn() {}, info() {}, debug() {} },
  });
  const server = await app.listen({ port: 0, signals: false });
  return server.port;
});

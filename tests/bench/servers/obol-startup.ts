// Obol with a thousand controllers, each with its own service.

import { bootstrap, Controller, Get, type Request } from './obol-package.js';
import { singleton } from 'tsyringe';
import { serve } from '../serve.mjs';

function featureController(n: number) {
  @singleton()
  class FeatureService {
    find(id: number) {
      return { feature: n, id };
    }
  }

  @Controller()
  class FeatureController {
    constructor(private readonly service: FeatureService) {}

    @Get(`/f${n}`)
    list() {
      return [this.service.find(1)];
    }

    @Get(`/f${n}/count`)
    count() {
      return { count: 1 };
    }

    @Get(`/f${n}/item/<id:int>`)
    show(req: Request, id: number) {
      return this.service.find(id);
    }
  }

  return FeatureController;
}

const controllers = Array.from({ length: 1000 }, (_, n) => featureController(n));

await serve(async () => {
  const app = await bootstrap({ controllers });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});

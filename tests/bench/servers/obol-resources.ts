// The resources of the Obol servers: a controller with two routes for each.

import { Controller, Get, type Request } from './obol-package.js';

export function resourceControllers(count: number) {
  return Array.from({ length: count }, (_, n) => resourceController(n));
}

function resourceController(n: number) {
  @Controller()
  class ResourceController {
    @Get(`/r${n}/<name>/<id:int>`)
    show(req: Request, name: string, id: number) {
      return { name, id };
    }

    @Get(`/r${n}/list`)
    list() {
      return [];
    }
  }
  return ResourceController;
}

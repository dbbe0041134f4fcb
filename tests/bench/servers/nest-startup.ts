// NestJS 12 on its Fastify adapter with a thousand controllers in one module, each with its own service.

import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Param, ParseIntPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serve } from '../serve.mjs';

function feature(n: number) {
  @Injectable()
  class FeatureService {
    find(id: number) {
      return { feature: n, id };
    }
  }

  @Controller(`f${n}`)
  class FeatureController {
    constructor(private readonly service: FeatureService) {}

    @Get()
    list() {
      return [this.service.find(1)];
    }

    @Get('count')
    count() {
      return { count: 1 };
    }

    @Get('item/:id')
    show(@Param('id', ParseIntPipe) id: number) {
      return this.service.find(id);
    }
  }

  return { controller: FeatureController, service: FeatureService };
}

const features = Array.from({ length: 1000 }, (_, n) => feature(n));

@Module({
  controllers: features.map(({ controller }) => controller),
  providers: features.map(({ service }) => service),
})
class MainModule {}

await serve(async () => {
  const app = await NestFactory.create(MainModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
});

// NestJS 12 on its Fastify adapter: parameters by ParseIntPipe, one controller for each resource.

import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Module, Param, ParseIntPipe, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject } from '../workloads.mjs';

const integer = new ParseIntPipe({ errorHttpStatusCode: 404 });

@Controller()
class MainController {
  @Get('text')
  text() {
    return greeting;
  }

  @Get('json')
  json() {
    return smallObject;
  }

  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: unknown) {
    return body;
  }
}

function resourceController(n: number) {
  @Controller(`r${n}`)
  class ResourceController {
    @Get(':name/:id')
    show(@Param('name') name: string, @Param('id', integer) id: number) {
      return { name, id };
    }

    @Get('list')
    list() {
      return [];
    }
  }
  return ResourceController;
}

@Module({
  controllers: [MainController, ...Array.from({ length: defaultResources }, (_, n) => resourceController(n))],
})
class MainModule {}

await serve(async () => {
  const app = await NestFactory.create(MainModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
});

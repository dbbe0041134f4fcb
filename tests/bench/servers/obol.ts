// Obol: parameters by types in the path; with --default-headers it sends what it sends by default.

import {
  bootstrap,
  Controller,
  Form,
  Get,
  Post,
  reply,
  type FileSink,
  type Request,
} from './obol-package.js';
import { resourceControllers } from './obol-resources.js';
import { serve } from '../serve.mjs';
import { defaultResources, greeting, smallObject, uploadLimits } from '../workloads.mjs';

class ByteCounter implements FileSink {
  length = 0;

  write(chunk: Buffer) {
    this.length += chunk.length;
  }
}

@Controller()
class MainController {
  @Get('/text')
  text() {
    return reply(greeting, 'text/plain; charset=utf-8');
  }

  @Get('/json')
  json() {
    return smallObject;
  }

  @Post('/echo')
  echo(req: Request) {
    return req.json;
  }

  @Post('/form')
  form(req: Request) {
    return { fields: req.form.size };
  }

  @Post('/multipart-fields')
  multipartFields(req: Request) {
    return { fields: req.form.size };
  }

  @Form({ ...uploadLimits, fileCallback: () => new ByteCounter() })
  @Post('/upload')
  upload(req: Request) {
    return { length: (req.form.getFile('file')!.sink as ByteCounter).length };
  }

  @Form(uploadLimits)
  @Post('/upload-disk')
  uploadDisk(req: Request) {
    return { length: req.form.getFile('file')!.length };
  }
}

const controllers = [MainController, ...resourceControllers(defaultResources)];
const plainHeaders = { poweredBy: false, securityHeaders: false } as const;
const headers = process.argv.includes('--default-headers') ? {} : plainHeaders;

await serve(async () => {
  const app = await bootstrap({ controllers, ...headers });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});

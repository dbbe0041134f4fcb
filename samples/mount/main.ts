/** A site with another application and a folder mounted in it: `npm run sample -- mount`. */
import { bootstrap, Controller, Get } from 'obol';
import { mount } from 'obol/composition';
import { staticFiles } from 'obol/static';
import { shop } from './shop.js';

@Controller()
class HomeController {
  @Get('/')
  home() {
    return '<!doctype html><title>Home</title><h1>Home</h1><a href="/shop/goods">the shop</a>, <a href="/files/">this sample</a>';
  }
}

const app = await bootstrap({
  controllers: [HomeController],
  middleware: [
    mount('/shop', shop),
    mount('/files', staticFiles(new URL('./', import.meta.url), { listing: true })),
  ],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

/** A site with another application and a folder mounted in it: `npm run sample -- mount`. */
import { bootstrap, Controller, Get } from 'obol';
import { mount } from 'obol/composition';
import { htmlPage } from 'obol/page';
import { staticFiles } from 'obol/static';
import { shop } from './shop.js';

@Controller()
class HomeController {
  @Get('/')
  home() {
    return htmlPage({
      title: 'Home',
      head: '',
      main: `<p>An application and a folder are mounted below this one:</p>
<ul>
<li><a href="/shop/goods">The shop</a>, an application that knows nothing of this one</li>
<li><a href="/files/">The files of this sample</a></li>
</ul>`,
    });
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

/** Classes whose marked methods can be reached by their names: `npm run sample -- modules`. */
import 'reflect-metadata';
import { bootstrap, Controller, Get } from 'obol';
import { modules } from 'obol/modules';
import { htmlPage } from 'obol/page';
import { Example } from './example.js';
import { Hello } from './hello.js';

const port = Number(process.env['PORT'] ?? 8080);
const host = process.env['HOST'] ?? '127.0.0.1';

@Controller()
class Home {
  @Get('/')
  home() {
    const paths = [
      '/hello/hello/',
      '/hello/hello/abc',
      '/Example/Tests/Test/test/abc',
      '/hello/broken/',
      '/nowhere',
    ];
    return htmlPage({
      title: 'Modules',
      head: '',
      main: `<p>Methods of classes, by their names:</p>
<ul>
${paths.map((path) => `<li><a href="${path}">${path}</a></li>`).join('\n')}
</ul>`,
    });
  }
}

const app = await bootstrap({
  controllers: [Home],
  features: [modules({ modules: [Hello, Example], server: { interface: host, port } })],
});
const server = await app.listen({ port, host });
console.log(`Listening on ${server.url}`);

/** Classes whose marked methods can be reached by their names, and a script with a form, all named in a file: `npm run sample -- modules`. */
import 'reflect-metadata';
import { bootstrap, Controller, Get } from 'obol';
import { modulesFile } from 'obol/modules';
import { htmlPage } from 'obol/page';

const port = Number(process.env['PORT'] ?? 8080);
const host = process.env['HOST'] ?? '127.0.0.1';
/** Names the modules and scripts: one that is put in or taken out counts from the next start on. */
const file = new URL(process.env['MODULES'] ?? 'modules.json', import.meta.url);

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
</ul>
<p>A script, by its form: <a href="/scripts/">/scripts/</a></p>`,
    });
  }
}

const app = await bootstrap({
  controllers: [Home],
  features: [await modulesFile(file, { server: { interface: host, port } })],
});
const server = await app.listen({ port, host });
console.log(`Listening on ${server.url}`);

/** Handlers put together in every way: `npm run sample -- composition`. */
import { bootstrap, Controller, Get, makeResponse, type Request } from 'obol';
import { errorDocuments, forward, include, mount } from 'obol/composition';
import { htmlPage } from 'obol/page';
import { byFile } from './by-file.js';
import { ErrorsController } from './errors.js';
import { inner } from './inner.js';
import { inTurn } from './in-turn.js';
import { LinksController } from './links.js';

@Controller()
class SiteController {
  @Get('/')
  home() {
    return htmlPage({
      title: 'Composition',
      head: '',
      main: `<p>What this site answers comes from several handlers:</p>
<ul>
<li><a href="/inner/">Another application</a>, with settings and error pages of its own</li>
<li>Two handlers that are asked in turn: <a href="/cascade/a">one answers this</a>, <a href="/cascade/b">the other that</a></li>
<li><a href="/by-file/">Handlers put together by a file</a></li>
<li><a href="/links">Links, some of them signed</a></li>
<li><a href="/include">A page with another one in it</a></li>
<li>Pages of the site for errors: <a href="/nowhere">404</a>, <a href="/fail">500</a></li>
<li><a href="/loop">A request that leads to itself</a>, which is noticed</li>
</ul>
<p>The host <code>other.test</code> has a handler of its own: <code>curl -H 'Host: other.test' ...</code></p>`,
    });
  }

  @Get('/include')
  async include(req: Request) {
    const part = await include(req, '/part');
    return htmlPage({
      title: 'Include',
      head: '',
      main: `<p>This is the page around it.</p>\n${await part.text()}`,
    });
  }

  @Get('/part')
  part() {
    return makeResponse('<blockquote>This is the part.</blockquote>\n').setCookie('part', '1');
  }

  @Get('/loop')
  loop(req: Request) {
    return forward(req, '/loop');
  }

  @Get('/fail')
  fail() {
    throw new Error('This page always fails');
  }
}

const app = await bootstrap({
  controllers: [SiteController, ErrorsController, LinksController],
  features: [errorDocuments({ 404: '/errors/404', 500: '/errors/500' })],
  middleware: [
    mount('//other.test', () => makeResponse('other\n', 'text/plain')),
    mount('/inner', inner),
    mount('/cascade', inTurn),
    mount('/by-file', byFile),
  ],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

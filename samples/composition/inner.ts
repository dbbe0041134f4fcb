/** An application that is mounted in another one: its settings and its error pages are its own. */
import { bootstrap, Controller, Get, Post, urlFor, type Request } from 'obol';
import { htmlPage } from 'obol/page';

@Controller()
class InnerController {
  @Get('/')
  home(req: Request) {
    const link = urlFor(req, InnerController, 'link');
    const main = `<p>An application within the site.</p>\n<p><a href="${link}">A URL that it has built</a>, <a href="nowhere">an error page of its own</a></p>`;
    return htmlPage({ title: 'Inner', head: '', main });
  }

  @Post('/echo')
  echo(req: Request) {
    return { echo: req.json };
  }

  /** Whole, as the client sees it, though nothing here knows where the application is mounted. */
  @Get('/link')
  link(req: Request) {
    return { link: urlFor(req, InnerController, 'link') };
  }
}

export const inner = await bootstrap({
  controllers: [InnerController],
  json: { limit: 10 },
  errorTemplate: ({ title, detail, home }) =>
    htmlPage({
      title: 'Inner error',
      head: '',
      main: `<p>${title}: ${detail}</p>\n<p><a href="${home}">Home</a></p>`,
    }),
});

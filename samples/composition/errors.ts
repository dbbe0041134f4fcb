/** Pages in place of answers to errors. */
import { Controller, escapeHtml, Get, type Request } from 'obol';
import { originalError } from 'obol/composition';
import { htmlPage } from 'obol/page';

@Controller('/errors')
export class ErrorsController {
  @Get('/404')
  missing(req: Request) {
    const { url = '' } = originalError(req) ?? {};
    const main = `<p>There is no <code>${escapeHtml(url)}</code> on this site.</p>\n<p><a href="/">Home</a></p>`;
    return htmlPage({ title: 'Not here', head: '', main });
  }

  @Get('/500')
  broken() {
    const main = '<p>That did not work, and it is our fault.</p>\n<p><a href="/">Home</a></p>';
    return htmlPage({ title: 'Broken', head: '', main });
  }
}

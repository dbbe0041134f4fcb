/** Links that are built, and one that only this site can have made. */
import { randomBytes } from 'node:crypto';
import { Controller, Get, urlFor, type Request } from 'obol';
import { htmlPage } from 'obol/page';
import { CheckSignedUrl, link, url, urlSigner } from 'obol/urls';

const signer = urlSigner({ keys: [randomBytes(32)], expires: 60 });

@Controller('/links')
export class LinksController {
  @Get('/')
  links(req: Request) {
    const page = req.args.getFirst('page', 1, Number);
    const signed = signer.sign(urlFor(req, LinksController, 'signed'));
    return htmlPage({
      title: `Links, page ${String(page)}`,
      head: '',
      main: `<p>${link(url(req).setQuery('page', page + 1), 'The next page')}</p>
<p>${link(signed, 'What is good for a minute')}, and ${link(signed.setQuery('a', 1), 'the same, changed')}</p>`,
    });
  }

  @Get('/signed')
  @CheckSignedUrl(signer)
  signed() {
    return htmlPage({ title: 'Signed', head: '', main: '<p>This address is good for a minute.</p>' });
  }
}

/** An application that knows nothing of where it will be mounted. */
import { bootstrap, Controller, Get, HttpState, urlFor, type Request } from 'obol';
import { htmlPage } from 'obol/page';

const GOODS = ['lamp', 'chair', 'table'];

@Controller('/goods')
class GoodsController {
  @Get('/')
  list(req: Request): string {
    const links = GOODS.map(
      (name) => `<li><a href="${urlFor(req, GoodsController, 'show', name)}">${name}</a></li>`,
    );
    return htmlPage({ title: 'Goods', head: '', main: `<ul>${links.join('')}</ul>` });
  }

  @Get('/<name:word>')
  show(req: Request, name: string): string {
    const main = `<p><a href="${urlFor(req, GoodsController, 'list')}">All goods</a></p>`;
    return htmlPage({ title: name, head: '', main });
  }

  @HttpState(404)
  missing(req: Request) {
    return { missing: req.path, within: req.base };
  }
}

/** Its settings are its own: bodies of JSON may be small only, whatever the site around it allows. */
export const shop = await bootstrap({ controllers: [GoodsController], json: { limit: 1000 } });

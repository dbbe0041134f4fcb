/** An application that knows nothing of where it will be mounted. */
import { bootstrap, Controller, Get, HttpState, urlFor, type Request } from 'obol';

const GOODS = ['lamp', 'chair', 'table'];

@Controller('/goods')
class GoodsController {
  @Get('/')
  list(req: Request): string {
    const links = GOODS.map(
      (name) => `<li><a href="${urlFor(req, GoodsController, 'show', name)}">${name}</a>`,
    );
    return `<!doctype html><title>Goods</title><h1>Goods</h1><ul>${links.join('')}</ul>`;
  }

  @Get('/<name:word>')
  show(req: Request, name: string): string {
    return `<!doctype html><title>${name}</title><h1>${name}</h1><a href="${urlFor(req, GoodsController, 'list')}">all goods</a>`;
  }

  @HttpState(404)
  missing(req: Request) {
    return { missing: req.path, within: req.base };
  }
}

/** Its settings are its own: bodies of JSON may be small only, whatever the site around it allows. */
export const shop = await bootstrap({ controllers: [GoodsController], json: { limit: 1000 } });

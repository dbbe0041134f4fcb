/** The guest book: a controller, below the path of its file. */
import { Controller, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { htmlPage } from 'obol/page';

/** How many names are kept. */
const KEPT = 10;

@Controller()
export default class GuestsController {
  readonly #names: string[] = [];

  @Get('/')
  list(): string {
    const names = this.#names.map((name) => `<li>${escapeHtml(name)}</li>`).join('\n');
    const form =
      '<form method="post"><label>Your name <input name="name" required maxlength="80"></label> <button>Sign</button></form>';
    return htmlPage({ title: 'Guests', head: '', main: `<ul>\n${names}\n</ul>\n${form}` });
  }

  @Post('/')
  sign(req: Request): never {
    const name = req.form.getFirst('name')?.trim().slice(0, 80) ?? '';
    if (name !== '') this.#names.unshift(name);
    this.#names.length = Math.min(this.#names.length, KEPT);
    redirect(req.baseUrl + req.path, { status: 303 });
  }
}

/** The sources of a new project that answers with pages. */

export const PAGE_APP = `/** What the application is made of. */
import { bootstrap } from 'obol';
import { HomeController } from './home-controller.js';

export function createApp() {
  // The files in public/ answer where no route does, such as /style.css.
  return bootstrap({ controllers: [HomeController], documentRoot: 'public' });
}
`;

export const PAGE_SERVICE = `/** The guests who have signed, until the program ends. */
export class Guests {
  readonly #names: string[] = [];

  get names(): readonly string[] {
    return this.#names;
  }

  add(name: string): void {
    this.#names.push(name);
  }
}
`;

export const PAGE_CONTROLLER = `/** What is answered at \`/\`: a page, and the form on it. */
import { abort, Controller, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { Guests } from './guests.js';
import { page } from './page.js';

@Controller('/', Guests)
export class HomeController {
  constructor(private readonly guests: Guests) {}

  @Get('/')
  home() {
    const items = this.guests.names.map((name) => \`<li>\${escapeHtml(name)}</li>\`);
    return page(
      'Guest book',
      \`<form method="post" action="/">
      <label>Your name <input name="name" required maxlength="100" autocomplete="name"></label>
      <button>Sign</button>
    </form>
    \${items.length > 0 ? \`<ul>\${items.join('')}</ul>\` : '<p>You are the first.</p>'}\`,
    );
  }

  @Post('/')
  sign(req: Request) {
    const name = req.form.getFirst('name', '').trim();
    if (name === '' || name.length > 100) abort(400, 'A name has 1 to 100 characters');
    this.guests.add(name);
    redirect('/', { status: 303 });
  }
}
`;

export const PAGE = `/** What all pages have in common. */
import { escapeHtml } from 'obol';

/**
 * @param title any text
 * @param content HTML: what comes from elsewhere went through \`escapeHtml\` before
 */
export function page(title: string, content: string): string {
  return \`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>\${escapeHtml(title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <h1>\${escapeHtml(title)}</h1>
    \${content}
  </body>
</html>
\`;
}
`;

export const STYLE = `:root {
  color-scheme: light dark;
  --accent: light-dark(#2459d6, #7aa2ff);
}

body {
  max-width: 42rem;
  margin: auto;
  padding: 10vh 1.25rem 3rem;
  background: light-dark(#f5f6f8, #12161d);
  color: light-dark(#1b2330, #e8ecf3);
  font: 1rem/1.6 system-ui, sans-serif;
  accent-color: var(--accent);
}

a {
  color: var(--accent);
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

input,
button {
  max-width: 100%;
  padding: 0.4rem 0.8rem;
  box-sizing: border-box;
  font: inherit;
}

li {
  overflow-wrap: anywhere;
}
`;

/** A module whose methods can be reached by their names: `/hello/hello/`, `/hello/echo/`, `/hello/broken/`. */
import { escapeHtml } from 'obol';
import { Expose, WebModule, type ModuleContext, type PageContext } from 'obol/modules';
import { htmlPage } from 'obol/page';

@WebModule('hello')
export class Hello {
  @Expose()
  hello({ user, filename }: ModuleContext) {
    const text = filename === '' ? `Hello ${user.name} !` : `Hello ${user.name} ! You asked for ${filename}.`;
    return ['200 OK', { 'Content-Type': 'text/plain; charset=utf-8' }, text];
  }

  /** What a page of WebScripts sends, as it arrived. */
  @Expose('POST')
  echo({ arguments: given, inputs, csrfToken }: ModuleContext) {
    return { arguments: given, inputs, csrfToken: csrfToken ?? null };
  }

  @Expose()
  broken(): never {
    throw new Error('This method always fails');
  }

  page_403({ status }: PageContext) {
    return errorPage(status, 'You may not do this.');
  }

  page_404({ status, request }: PageContext) {
    return errorPage(status, `Nothing is at ${request.path}.`);
  }

  page_500({ status }: PageContext) {
    return errorPage(status, 'Something broke, and it has been written down.');
  }
}

function errorPage(status: number, words: string) {
  const main = `<p>${escapeHtml(words)}</p>\n<p><a href="/">Home</a></p>`;
  return [status, {}, htmlPage({ title: String(status), head: '', main })];
}

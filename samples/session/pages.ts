/** The pages of the samples with sessions. Everything from outside is escaped. */
import { escapeHtml } from 'obol';
import { htmlPage } from 'obol/page';

const NAV =
  '<a href="/">Home</a><a href="/login">Log in</a><a href="/private">Private</a><a href="/logout">Log out</a>';

/** A page with links to all the others. */
export function page(title: string, main: string): string {
  return htmlPage({ title, main, nav: NAV });
}

/** @param notice why it is shown again, if it is */
export function loginPage(notice: unknown): string {
  const status =
    typeof notice === 'string'
      ? `
<p role="alert">${escapeHtml(notice)}</p>`
      : '';
  return page(
    'Log in',
    `<p>Any name will do; the password is <b>secret</b>.</p>${status}
<form method="post" action="/login">
<label>Name <input name="username" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Log in</button>
</form>`,
  );
}

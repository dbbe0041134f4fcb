/** The pages of the samples with sessions. Everything from outside is escaped. */
import { escapeHtml } from 'obol';

/** A page with links to all the others. */
export function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 30rem; margin: 12vh auto 0; padding: 0 1.5rem; }
nav a { margin-right: 1rem; }
label { display: block; margin: .8rem 0; }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem .6rem; }
button { font: inherit; padding: .4rem 1.2rem; }
[role=status] { border-left: 4px solid #c80; padding-left: .8rem; }
</style>
</head>
<body>
<nav><a href="/">Home</a><a href="/login">Log in</a><a href="/private">Private</a><a href="/logout">Log out</a></nav>
<h1>${escapeHtml(title)}</h1>
${main}
</body>
</html>
`;
}

/** @param notice why it is shown again, if it is */
export function loginPage(notice: unknown): string {
  const status = typeof notice === 'string' ? `<p role="status">${escapeHtml(notice)}</p>` : '';
  return page(
    'Log in',
    `${status}
<form method="post" action="/login">
<label>Name <input name="username" autocomplete="username" required></label>
<label>Password (it is "secret") <input name="password" type="password" autocomplete="current-password"></label>
<button>Log in</button>
</form>`,
  );
}

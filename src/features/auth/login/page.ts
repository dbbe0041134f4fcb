/** The page with the form to log in, for those who bring none of their own. */
import { escapeHtml } from '../../../kit.js';

/** What a page with the form has to show. */
export interface LoginView {
  /** Where the form goes, by POST. */
  readonly action: string;
  /** Hidden fields, by name. */
  readonly hidden: readonly (readonly [name: string, value: string])[];
  /** The name that was tried. */
  readonly user: string;
  /** What was wrong the last time; `''` for nothing. */
  readonly notice: string;
}

/** HTML whose form has the fields `user` and `password` besides the hidden ones. */
export type LoginPage = (view: LoginView) => string;

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:20rem;margin:15vh auto;padding:0 1rem}' +
  'label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}' +
  'input,button{padding:.4rem;margin-bottom:1rem}[role=alert]{color:light-dark(#a00,#f88)}';

export const loginPage: LoginPage = ({ action, hidden, user, notice }) => {
  const fields = hidden.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const alert = notice === '' ? '' : `<p role="alert">${escapeHtml(notice)}</p>`;
  // After a mistake the name is there already, and the password is what has to be typed.
  const focus = (isHere: boolean): string => (isHere ? ' autofocus' : '');
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Log in</title>` +
    `<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>${STYLE}</style></head><body>` +
    `<main><h1>Log in</h1>${alert}<form method="post" action="${escapeHtml(action)}">${fields.join('')}` +
    `<label for="user">Name</label><input id="user" name="user" value="${escapeHtml(user)}" ` +
    `autocomplete="username" autocapitalize="none" required${focus(user === '')}>` +
    `<label for="password">Password</label><input id="password" name="password" type="password" ` +
    `autocomplete="current-password" required${focus(user !== '')}><button>Log in</button></form></main></body></html>`
  );
};

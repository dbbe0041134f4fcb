/** The page with the form to log in, for those who bring none of their own. */
import { escapeHtml, htmlPage } from '../../../kit.js';

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

/** A column as narrow as the form. */
const STYLE = 'main{max-width:22rem;margin:auto}button{justify-self:stretch}';

export const loginPage: LoginPage = ({ action, hidden, user, notice }) => {
  const fields = hidden.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const alert = notice === '' ? '' : `<p role="alert">${escapeHtml(notice)}</p>\n`;
  // After a mistake the name is there already, and the password is what has to be typed.
  const focus = (isHere: boolean): string => (isHere ? ' autofocus' : '');
  const main =
    `${alert}<form method="post" action="${escapeHtml(action)}">${fields.join('')}\n` +
    `<label>Name <input name="user" id="user" value="${escapeHtml(user)}" ` +
    `autocomplete="username" autocapitalize="none" required${focus(user === '')}></label>\n` +
    `<label>Password <input name="password" id="password" type="password" ` +
    `autocomplete="current-password" required${focus(user !== '')}></label>\n<button>Log in</button>\n</form>`;
  return htmlPage({ title: 'Log in', main, style: STYLE });
};

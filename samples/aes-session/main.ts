/** A sealed session with more than one key, a short life and a real log-out: `npm run sample -- aes-session`. */
import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, createGuard, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { RevokedSessions, Session, sessions } from 'obol/session';
import { loginPage, page } from '../session/pages.js';

interface LoggedIn {
  user: string;
}

// SESSION_KEY seals; what OLD_SESSION_KEY has sealed is still opened, and sealed anew.
const feature = sessions<LoggedIn>({
  keys: [process.env['SESSION_KEY'] ?? randomBytes(32), process.env['OLD_SESSION_KEY']],
  maxAge: 8 * 60 * 60,
  idle: 30 * 60,
  // Without this a copy of the cookie would be good until it ends by itself.
  revoked: new RevokedSessions(),
});

/** Sends who is not logged in to the form. */
const LoggedInOnly = createGuard('LoggedInOnly', () => (req: Request) => {
  if (!feature.of(req).has('user')) redirect('/login');
});

@Controller('', Session)
class LoginController {
  constructor(private readonly session: Session<LoggedIn>) {}

  @Get('/')
  index() {
    return page(
      'AES session',
      `<p>A sealed session with more than one key, a short life and a real log-out.</p>
<p>You are ${escapeHtml(this.session.get('user') ?? 'a stranger')} so far. Log in with any name and the password <b>secret</b>.</p>`,
    );
  }

  @Get('/login')
  form() {
    return loginPage(this.session.flash('notice'));
  }

  @Post('/login')
  login(req: Request) {
    const user = req.form.getFirst('username') ?? '';
    if (user === '' || req.form.getFirst('password') !== 'secret') {
      this.session.flash('notice', 'That is not the password.');
      redirect('/login');
    }
    this.session.regenerate().set('user', user);
    redirect('/private');
  }

  @LoggedInOnly()
  @Get('/private')
  private() {
    const { user = '' } = this.session.data;
    const until = this.session.expiresAt.toLocaleTimeString('en');
    return page('Private', `<p>Hello, <b>${escapeHtml(user)}</b>! Your session ends at ${until}.</p>`);
  }

  @Get('/logout')
  logout() {
    this.session.destroy();
    redirect('/');
  }
}

const app = await bootstrap({ controllers: [LoginController], features: [feature] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

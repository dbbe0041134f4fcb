/** A sealed session, which is in the cookie and which no client can read there: `npm run sample -- poor-session`. */
import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { Session, sessions } from 'obol/session';
import { loginPage, page } from '../session/pages.js';

@Controller('', Session)
class LoginController {
  constructor(private readonly session: Session<{ user: string; visits: number }>) {}

  @Get('/')
  index() {
    return page(
      'Sealed session',
      `<p>A session in a cookie, which no client can read or change.</p>
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
    // Another id for who has logged in: what was known of the session before is worth nothing any more.
    this.session.regenerate().set('user', user).set('visits', 0);
    redirect('/private');
  }

  @Get('/private')
  private() {
    const user = this.session.get('user') ?? redirect('/login');
    const visits = (this.session.get('visits') ?? 0) + 1;
    this.session.set('visits', visits);
    return page('Private', `<p>Hello, <b>${escapeHtml(user)}</b>! You have been here ${visits} times.</p>`);
  }

  @Get('/logout')
  logout() {
    this.session.destroy();
    redirect('/');
  }
}

const keys = [process.env['SESSION_KEY'] ?? randomBytes(32)];
const app = await bootstrap({ controllers: [LoginController], features: [sessions({ keys })] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

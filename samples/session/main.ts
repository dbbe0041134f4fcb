/** A signed JWT in a plain session, which every client can read and none can change: `npm run sample -- session`. */
import { randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { bootstrap, Controller, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { Session, sessions } from 'obol/session';
import { loginPage, page } from './pages.js';

const jwtKey = randomBytes(32);

@Controller('', Session)
class LoginController {
  constructor(private readonly session: Session<{ token: string }>) {}

  @Get('/')
  async index() {
    const user = await this.#user();
    return page(
      'Session',
      `<p>A signed token in a session, which every client can read and none can change.</p>
<p>You are ${user === undefined ? 'a stranger' : escapeHtml(user)} so far. Log in with any name and the password <b>secret</b>.</p>`,
    );
  }

  @Get('/login')
  form() {
    return loginPage(this.session.flash('notice'));
  }

  @Post('/login')
  async login(req: Request) {
    const user = req.form.getFirst('username') ?? '';
    if (user === '' || req.form.getFirst('password') !== 'secret') {
      this.session.flash('notice', 'That is not the password.');
      redirect('/login');
    }
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setExpirationTime('1h')
      .sign(jwtKey);
    this.session.regenerate().set('token', token);
    redirect('/private');
  }

  @Get('/private')
  async private() {
    const user = (await this.#user()) ?? redirect('/login');
    return page('Private', `<p>Hello, <b>${escapeHtml(user)}</b>!</p>`);
  }

  @Get('/logout')
  logout() {
    this.session.destroy();
    redirect('/');
  }

  /** A token that is forged or has expired is the same as none. */
  async #user(): Promise<string | undefined> {
    const token = this.session.get('token');
    if (token === undefined) return undefined;
    const verified = await jwtVerify(token, jwtKey, { algorithms: ['HS256'] }).catch(() => undefined);
    return verified?.payload.sub;
  }
}

const keys = [process.env['SESSION_KEY'] ?? randomBytes(32)];
const app = await bootstrap({
  controllers: [LoginController],
  features: [sessions({ kind: 'signed', keys })],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

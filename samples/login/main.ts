/** Logging in with a form, sessions and groups: start it with `npm run sample -- login`. */
import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, escapeHtml, Get, HttpState, Post, type Request } from 'obol';
import { access, CheckFormLogin, FormLogin, formLogin, Groups, loginOf, sessionLogin } from 'obol/auth';
import { csrfField } from 'obol/csrf';
import { sessions } from 'obol/session';
import { Throttle } from 'obol/throttle';
import { groupsOf, openUsers } from './users.js';

@Controller('', FormLogin)
class Pages {
  constructor(private readonly login: FormLogin) {}

  @Get('/')
  home(req: Request) {
    const name = loginOf(req)?.user;
    const who =
      name === undefined
        ? '<p>You are not logged in. <a href="/login">Log in</a></p>'
        : `<p>Hello, <b>${escapeHtml(name)}</b>.</p>
           <form method="post" action="/logout">${csrfField(req)}<button>Log out</button></form>`;
    return page(
      'Welcome',
      `${who}<p><a href="/members">For members</a>, <a href="/admin">for administrators</a></p>`,
    );
  }

  @Get('/members')
  @CheckFormLogin()
  members(req: Request) {
    return page('Members', `<p>Only members see this, such as ${escapeHtml(String(req.user))}.</p>`);
  }

  @Get('/admin')
  @CheckFormLogin()
  @Groups('admin')
  admin() {
    return page('Administration', '<p>Only administrators see this.</p>');
  }

  @Get('/login')
  form(req: Request) {
    return this.login.page(req);
  }

  @Post('/login')
  submit(req: Request) {
    return this.login.submit(req);
  }

  @Post('/logout')
  leave(req: Request) {
    return this.login.leave(req);
  }

  @HttpState(403)
  forbidden() {
    return page('Not for you', '<p><a href="/">Back</a></p>');
  }
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;padding:0 1rem}</style>
    </head><body><h1>${title}</h1>${content}</body></html>`;
}

// With a key of its own, from outside of the code, an application keeps its sessions when it starts anew.
const store = sessions({ keys: [process.env['SESSION_KEY'] ?? randomBytes(32)] });
const app = await bootstrap({
  controllers: [Pages],
  features: [
    store,
    formLogin({
      users: await openUsers(),
      keeper: sessionLogin((request) => store.of(request)),
      throttle: new Throttle({ failures: 5, window: 60, block: 60 }),
    }),
    access((user) => ({ groups: groupsOf(String(user)) })),
  ],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

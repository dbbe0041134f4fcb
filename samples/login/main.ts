/** Logging in with a form, sessions and groups: start it with `npm run sample -- login`. */
import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, escapeHtml, Get, HttpState, Post, type Request } from 'obol';
import { access, CheckFormLogin, FormLogin, formLogin, Groups, loginOf, sessionLogin } from 'obol/auth';
import { csrfField } from 'obol/csrf';
import { htmlPage } from 'obol/page';
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
      `<p>This sample logs users in with a form, and keeps them logged in by a session.</p>
${who}
<ul><li><a href="/members">For members</a></li><li><a href="/admin">For administrators</a></li></ul>
<h2>Users</h2>
<table>
<thead><tr><th scope="col">Name, password</th><th scope="col">Sees</th></tr></thead>
<tbody>
<tr><td>anna, correct horse</td><td>both pages</td></tr>
<tr><td>bert, battery staple</td><td>what members see</td></tr>
</tbody>
</table>`,
    );
  }

  @Get('/members')
  @CheckFormLogin()
  members(req: Request) {
    return page(
      'Members',
      `<p>Only members see this, such as ${escapeHtml(String(req.user))}.</p>\n<p><a href="/">Back</a></p>`,
    );
  }

  @Get('/admin')
  @CheckFormLogin()
  @Groups('admin')
  admin() {
    return page('Administration', '<p>Only administrators see this.</p>\n<p><a href="/">Back</a></p>');
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
    return page('Not for you', '<p>This page is for administrators.</p>\n<p><a href="/">Back</a></p>');
  }
}

const page = (title: string, main: string) => htmlPage({ title, main });

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

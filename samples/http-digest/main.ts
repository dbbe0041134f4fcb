/** Zones for those who know a password: start it with `npm run sample -- http-digest`. */
import { randomBytes } from 'node:crypto';
import { abort, bootstrap, Controller, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { CheckDigest, digest, hexdigest, PasswordMap } from 'obol/auth';
import { htmlPage } from 'obol/page';

const ADMIN = 'Admin Zone';
const USER = 'User Zone';

// With a path it is a file: new PasswordMap('users.digest'), kept with `obol digest`.
const passwords = new PasswordMap();
for (const [realm, user, password] of [
  [ADMIN, 'admin', 'admin'],
  [USER, 'user', 'looser'],
  [USER, 'foo', 'bar'],
  [USER, 'sha', 'sha'],
  [USER, 'Ondřej', 'heslíčko'],
] as const)
  passwords.set(realm, user, hexdigest(user, realm, password));

/** The pages, and who may see them. */
const PATHS = [
  ['/admin_zone', 'admin, admin'],
  ['/user_zone', 'user, looser'],
  ['/user', 'sha, sha'],
  ['/user/utf-8', 'Ondřej, heslíčko'],
  ['/spaces in url', 'user, looser'],
  ['/čeština v url', 'user, looser'],
  ['/crazy in url 🤪', 'user, looser'],
  ['/foo', 'foo, bar'],
  ['/unknown', 'no user'],
] as const;

const page = (title: string, main: string) => htmlPage({ title, main });

const greeting = (req: Request) =>
  page(
    'Welcome',
    `<p>Hello, <b id="user">${escapeHtml(String(req.user))}</b>.</p>\n<p><a href="/">Back</a></p>`,
  );

@Controller()
class OpenController {
  @Get('/')
  index() {
    const rows = PATHS.map(([path, user]) => {
      const link = `<a href="${encodeURI(path)}">${escapeHtml(path)}</a>`;
      return `<tr><td>${link}</td><td>${escapeHtml(user)}</td></tr>`;
    });
    return page(
      'Digest authentication',
      `<p>Each page asks for a name and a password, which is never sent itself.</p>
<table>
<thead><tr><th scope="col">Page</th><th scope="col">Name, password</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
    );
  }
}

@Controller()
@CheckDigest(USER)
class UserController {
  @Get('/user_zone')
  @Get('/user')
  @Get('/user/utf-8')
  @Get('/spaces in url')
  @Get('/čeština v url')
  @Get('/crazy in url 🤪')
  zone(req: Request) {
    return greeting(req);
  }

  @Get('/foo')
  @CheckDigest(USER, 'foo')
  foo() {
    return page(
      'Only foo comes here',
      `<form action="/foo/passwd" method="post">
<label>New password <input type="password" name="password" autocomplete="new-password" required></label>
<button>Change</button>
</form>`,
    );
  }

  @Post('/foo/passwd')
  @CheckDigest(USER, 'foo')
  changePassword(req: Request) {
    const password = req.form.getFirst('password') ?? '';
    if (password === '') abort(400, 'The field "password" is missing or empty');
    passwords.set(USER, 'foo', hexdigest('foo', USER, password));
    // With a file: await passwords.write();
    redirect('/foo');
  }

  @Get('/unknown')
  @CheckDigest(USER, 'unknown')
  unknown() {
    return page('No user comes here', '<p>There is no user called unknown.</p>');
  }
}

@Controller()
class AdminController {
  @Get('/admin_zone')
  @CheckDigest(ADMIN, 'admin')
  zone(req: Request) {
    return greeting(req);
  }
}

const app = await bootstrap({
  controllers: [OpenController, UserController, AdminController],
  features: [
    digest({
      // One that several processes share, or that outlives a restart, comes from the environment.
      secretKey: process.env['SECRET_KEY'] ?? randomBytes(32),
      authMap: passwords,
      // For clients of any age; SHA-256, the default, is better where all of them know it.
      authAlgorithm: 'MD5-sess',
      authTimeout: 60,
    }),
  ],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

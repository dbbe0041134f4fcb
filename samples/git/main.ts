/** Repositories that every client may clone, and one user may push to: `npm run sample -- git`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bootstrap, Controller, escapeHtml, Get, type Handler, type Request } from 'obol';
import { basicGuard, PasswordHashMap } from 'obol/auth';
import { cgiProgram, ownerOf } from 'obol/cgi';
import { mount } from 'obol/composition';
import { htmlPage } from 'obol/page';

const USER = 'git';
const PASSWORD = 'secret';

const root = resolve(process.env['GIT_PROJECT_ROOT'] ?? demoFolder());

/** A folder with one empty repository, which goes when the server ends. */
function demoFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'obol-git-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'demo.git')]);
  return folder;
}

const backend = cgiProgram('git', {
  args: ['http-backend'],
  env: { GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1' },
  // Git takes repositories of its own user only.
  ...ownerOf(root),
  // A clone or a push may be large, and take its time.
  maxBody: 1024 ** 3,
  timeout: 10 * 60_000,
});

const users = new PasswordHashMap();
await users.set(USER, PASSWORD);
const mayPush = basicGuard('Pushes', users);

/** A push is announced before it is sent. Git takes it from who has a name (REMOTE_USER), and only a guard gives one. */
function isPush({ path, args }: Request): boolean {
  return path.endsWith('/git-receive-pack') || args.getList('service').includes('git-receive-pack');
}

const repositories: Handler = async (request) => {
  if (isPush(request)) await mayPush(request);
  return backend(request);
};

@Controller()
class HomeController {
  @Get('/')
  home(req: Request) {
    const names = readdirSync(root).filter((name) => name.endsWith('.git'));
    const lines = names.map((name) => `git clone ${req.constructUrl(`/git/${encodeURIComponent(name)}`)}\n`);
    return htmlPage({
      title: 'Repositories',
      main: `<p>All of them may be cloned:</p>
<pre>${escapeHtml(lines.join(''))}</pre>
<p>To push, git asks for a name and a password. They are <b>${USER}</b> and <b>${PASSWORD}</b>.</p>`,
    });
  }
}

const app = await bootstrap({ controllers: [HomeController], middleware: [mount('/git', repositories)] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

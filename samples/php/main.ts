/** A folder of PHP, by php-fpm (FastCGI) or php-cgi: `npm run sample -- php`. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, Controller, Get, type Request } from 'obol';
import { cgiDirectory, ownerOf } from 'obol/cgi';
import { fastcgi } from 'obol/fastcgi';
import { htmlPage } from 'obol/page';
import { staticFiles } from 'obol/static';

const ownRoot = fileURLToPath(new URL('site', import.meta.url));
/** A folder of yours, and the socket of php-fpm, such as /run/php/php-fpm.sock. */
const { PHP_ROOT = '', PHP_FPM = '' } = process.env;
const root = PHP_ROOT === '' ? ownRoot : resolve(PHP_ROOT);

/** php-cgi runs without rights where the server is root; in a folder that only its owner may read, as that one. */
function byCgi() {
  const isClosed = process.getuid?.() === 0 && (statSync(root).mode & 0o005) !== 0o005;
  return cgiDirectory(root, {
    interpreters: { '.php': 'php-cgi' },
    index: ['index.php'],
    ...(isClosed ? ownerOf(root) : {}),
  });
}

const php = PHP_FPM === '' ? byCgi() : fastcgi({ socket: PHP_FPM, root });

const files = staticFiles(root, { listing: true });

const LINKS = [
  ['hello.php?name=Anna', 'A greeting'],
  ['variables.php/more/path?a=1', 'What a script learns of its request'],
  ['visits.php', 'A session, which counts your visits'],
  ['upload.php', 'A form with an upload, and its answer'],
  ['back.php', 'A redirect, which leads to the greeting'],
  ['lines.php', 'An answer that comes line by line'],
  ['gone.php', 'A script that says itself that nothing is there any more (410)'],
  ['broken.php', 'A script that fails (500): why is in the log'],
  ['about.txt', 'A file'],
];

@Controller()
class HomeController {
  /** Of a folder of yours its index.php is asked before this. */
  @Get('/')
  home(req: Request) {
    if (root !== ownRoot) return files(req);
    const rows = LINKS.map(([link, what]) => `<dt><a href="${link}">${link}</a></dt>\n<dd>${what}</dd>`);
    return htmlPage({
      title: 'A folder of PHP',
      main: `<p>Its scripts are run by ${PHP_FPM === '' ? 'php-cgi' : 'php-fpm'}; all else in it are files.</p>
<dl>\n${rows.join('\n')}\n</dl>`,
    });
  }
}

const app = await bootstrap({
  controllers: [HomeController],
  middleware: [php],
  documentRoot: root,
  // What the pages of programs may load is theirs to say.
  securityHeaders: { document: {} },
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

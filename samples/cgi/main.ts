/** Programs behind pages (CGI), and the files around them: `npm run sample -- cgi`. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bootstrap, Controller, Default, Get, METHOD_ALL, type Request } from 'obol';
import { cgiDirectory, cgiProgram } from 'obol/cgi';
import { mount } from 'obol/composition';
import { htmlPage } from 'obol/page';
import { staticFiles } from 'obol/static';
import { demoRepository } from './demo-repository.js';

const GITWEB = '/usr/share/gitweb';
const hasGitweb = existsSync(`${GITWEB}/gitweb.cgi`);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const files = staticFiles(here('public'));

const LINKS = [
  ['cgi-bin/env.sh/path?a=1', 'A script of the shell that shows what it is given'],
  ['cgi-bin/form.py', 'A form with an upload, and its answer, in Python'],
  ['cgi-bin/hello.pl?name=Anna', 'A greeting in Perl'],
  ['cgi-bin/status.sh', 'A script that says itself that nothing is there (404)'],
  ['cgi-bin/local.sh', 'A redirect that the server follows, and the browser does not see'],
  hasGitweb
    ? ['gitweb/', 'The pages of git: one program, with its own files beside it']
    : ['https://packages.debian.org/gitweb', 'The pages of git are not installed: the package gitweb'],
  ['about.txt', 'A file'],
];

@Controller()
class HomeController {
  @Get('/')
  home() {
    const rows = LINKS.map(([link, what]) => `<dt><a href="${link}">${link}</a></dt>\n<dd>${what}</dd>`);
    return htmlPage({ title: 'Programs behind pages', main: `<dl>\n${rows.join('\n')}\n</dl>` });
  }

  @Default(METHOD_ALL)
  file(req: Request) {
    return files(req);
  }
}

function gitweb() {
  const env = {
    GIT_PROJECT_ROOT: process.env['GIT_PROJECT_ROOT'] ?? demoRepository(),
    GITWEB_CONFIG: here('gitweb.conf'),
  };
  return [
    mount('/gitweb/static', staticFiles(`${GITWEB}/static`)),
    mount('/gitweb', cgiProgram(`${GITWEB}/gitweb.cgi`, { env })),
  ];
}

const app = await bootstrap({
  controllers: [HomeController],
  middleware: [...(hasGitweb ? gitweb() : []), mount('/cgi-bin', cgiDirectory(here('cgi-bin')))],
  // What the pages of programs may load is theirs to say: those of gitweb have scripts inline.
  securityHeaders: { document: {} },
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

/** An issue tracker whose routes say what they take and give: `npm run sample -- contracts`. */
import {
  bootstrap,
  Controller,
  createGuard,
  Get,
  Patch,
  Post,
  reply,
  Route,
  urlFor,
  type Request,
  type Valid,
} from 'obol';
import { CheckBearer, type BearerTokens } from 'obol/auth';
import { clientRoutes } from 'obol/client';
import { Unauthorized } from 'obol/errors';
import { Describe, openapi } from 'obol/openapi';
import { htmlPage } from 'obol/page';
import { channel, webSocket } from 'obol/websocket';
import { bundledPage } from './bundle.js';
import { Issues } from './issues.js';
import {
  addComment,
  addIssue,
  attach,
  changeIssue,
  findIssues,
  listIssues,
  showIssue,
  type Issue,
} from './shapes.js';

/** One token, in clear. Real ones are made by `newToken()` and kept as hashes: `new StaticTokens([...])`. */
const tokens: BearerTokens = { verify: (token) => (token === 'demo' ? { user: 'demo' } : undefined) };
const FOUND = 20;
/** All that listen for new issues. */
const listeners = channel<Issue>();

/** Pages cannot send Authorization with a WebSocket: the token is in the URL, which lines of the log leave out. */
const CheckToken = createGuard(
  'CheckToken',
  () =>
    ({ args }: Request) => {
      if (args.getFirst('token') !== 'demo')
        throw new Unauthorized({ challenges: ['Bearer realm="issues"'] });
    },
  () => ({ name: 'token', scheme: { type: 'apiKey', in: 'query', name: 'token' } }),
);

@Controller('/issues', Issues)
@Describe({ description: 'Issues, and what belongs to them', tags: ['Issues'] })
export class IssuesController {
  constructor(private readonly issues: Issues) {}

  @Get('/', listIssues)
  list(req: Request, { query }: Valid<typeof listIssues>) {
    const { limit, label, after } = query;
    const items: Issue[] = [];
    for (const issue of this.issues.behind(after)) {
      if (!label.every((each) => issue.labels.includes(each))) continue;
      if (items.length === limit) return { items, next: this.#nextPage(req, query, items) };
      items.push(issue);
    }
    return { items, next: null };
  }

  @Route('/', 'QUERY', findIssues)
  find(_req: Request, { body }: Valid<typeof findIssues>) {
    const text = body.text.toLowerCase();
    const found = [...this.issues.behind(0)].filter(({ title }) => title.toLowerCase().includes(text));
    return { items: found.slice(0, FOUND), next: null };
  }

  @Post('/', addIssue)
  @CheckBearer(tokens)
  add(req: Request, { body }: Valid<typeof addIssue>) {
    const issue = this.issues.add(body);
    listeners.send(issue);
    return reply(issue, {
      status: 201,
      headers: { Location: urlFor(req, IssuesController, 'show', issue.id) },
    });
  }

  @Get('/<id:int>', showIssue)
  show(_req: Request, id: number) {
    return this.issues.find(id);
  }

  @Patch('/<id:int>', changeIssue)
  @CheckBearer(tokens)
  change(_req: Request, id: number, { body }: Valid<typeof changeIssue>) {
    const issue = this.issues.find(id);
    const { title = issue.title, labels = issue.labels, due = issue.due } = body;
    return this.issues.put({ ...issue, title, labels: labels ?? [], due });
  }

  @Post('/<id:int>/comments', addComment)
  @CheckBearer(tokens)
  comment(_req: Request, id: number, { body }: Valid<typeof addComment>) {
    const issue = this.issues.find(id);
    this.issues.put({ ...issue, comments: [...issue.comments, body] });
    return body;
  }

  @Post('/<id:int>/attachment', attach)
  @CheckBearer(tokens)
  attach(_req: Request, id: number, { form }: Valid<typeof attach>) {
    this.issues.find(id);
    const { filename: name, length: size, type } = form.file;
    return { name, size, type, caption: form.caption ?? null };
  }

  #nextPage(
    req: Request,
    { limit, label }: Valid<typeof listIssues>['query'],
    items: readonly Issue[],
  ): string {
    const query = new URLSearchParams({ limit: String(limit), after: String(items.at(-1)?.id) });
    for (const each of label) query.append('label', each);
    return `${urlFor(req, IssuesController, 'list')}?${query}`;
  }
}

@Controller()
@Describe({ description: 'What happens, as it happens' })
class Live {
  @Get('/live')
  @CheckToken()
  @Describe({ summary: 'A WebSocket', responses: { 101: 'A message for each issue that is added, as JSON' } })
  live() {
    return webSocket({ open: (socket) => listeners.join(socket) });
  }
}

@Controller()
@Describe({ description: 'What should not be' })
class Mistakes {
  @Get('/broken', showIssue)
  @Describe({ summary: 'An answer that does not fit its contract' })
  broken() {
    return JSON.parse('{"id":"none"}') as Issue;
  }
}

@Controller()
@Describe({ hidden: true })
class Pages {
  @Get('/')
  home() {
    return htmlPage({
      title: 'Issues',
      head: '<script type="module" src="/page.js"></script>',
      main: `<p>An issue tracker in memory. Its routes say what they take and give, and refuse all else.</p>
<form id="add"><label>Title <input name="title" maxlength="200" required></label> <button>Add</button></form>
<p id="state" role="status"></p>
<ul id="issues"></ul>
<ul>
<li><a href="/issues">Issues</a> as JSON</li>
<li><a href="/docs">The document</a>, to try requests with (the token is <code>demo</code>); <a href="/openapi.yaml">as YAML</a></li>
<li><a href="/broken">An answer that does not fit its contract</a></li>
</ul>`,
    });
  }

  /** The page's program, with the typed client in it. */
  @Get('/page.js')
  script() {
    return reply(page, 'text/javascript');
  }

  /** The paths that it asks. */
  @Get('/routes.js')
  routes() {
    return reply(clientRoutes(app.routes), 'text/javascript');
  }
}

const page = await bundledPage();
const app = await bootstrap({
  controllers: [IssuesController, Live, Mistakes, Pages],
  features: [
    openapi({ info: { title: 'Issues', version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } } }),
  ],
  checkReturns: true,
});
const { url } = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${url}`);

/** The pages of the sample. What is not HTML is escaped here. */
import { escapeHtml, type Args, type ParsedForm, type Request } from 'obol';

/** A row of a table: what it is, and its value. */
export type Row = readonly [name: string, value: string];

const LINKS: readonly Row[] = [
  ['/', 'This page'],
  ['/test/static', 'A static path'],
  ['/test/42', '/test/<variable:int>'],
  ['/test/3.14', '/test/<variable:float>'],
  ['/test/word', '/test/<variable:word>'],
  ['/test/123e4567-e89b-12d3-a456-426655440000', '/test/<variable:uuid>'],
  ['/test/user@example.net', '/test/<variable:email>, a filter of this application'],
  ['/test/one/two/three', '/test/<v0>/<v1>/<v2>'],
  ['/test/%5Bany%5D', '/test/<variable:re:.*>'],
  ['/test/headers', 'What the header fields of the request say'],
  ['/test/form', 'Three forms'],
  ['/test/upload', 'Files'],
  ['/test/empty', 'No content'],
  ['/test/partial/unicodes', 'Ranges of a unit of its own'],
  ['/test/partial/empty', 'Ranges of nothing'],
  ['/test/partial/generator', 'Ranges of a generator'],
  ['/yield', 'A generator; POST answers with what it gets'],
  ['/simple', 'The source of this sample'],
  ['/none', 'A handler that returns nothing'],
  ['/bad-request', 'An error with a handler of its own'],
  ['/forbidden', 'Forbidden'],
  ['/not-modified', 'A response that is thrown'],
  ['/not-implemented', 'Not implemented'],
  ['/internal-server-error', 'A crash'],
  ['/no-page', 'A page that is not there'],
];

const GET_FORM = `<form>
<input name="gname" value="Ada" aria-label="Name"> <input name="gsurname" value="Lovelace" aria-label="Surname">
${numbers('gx')}
<button name="btn" value="get">Send</button>
</form>`;

/** Both kinds of form that are sent as a body. */
const POST_FORM = `<input name="pname" value="Grace" aria-label="Name">
<input name="psurname" value="Hopper" aria-label="Surname">
${numbers('px')}
<button name="btn" value="post">Send</button>
</form>`;

const UPLOAD_FORM = `<form method="post" enctype="multipart/form-data">
${[0, 1, 2].map((i) => `<input type="file" name="file_${i}" aria-label="File ${i}">`).join('\n')}
<button name="btn" value="upload">Upload</button>
</form>`;

/** A file that was uploaded. */
export interface ShownFile {
  readonly facts: readonly Row[];
  readonly filename: string;
  readonly text: string;
}

export function indexPage(req: Request): string {
  const items = LINKS.map(
    ([path, text]) => `<li><a href="${path}">${decodeURI(path)}</a> – ${escapeHtml(text)}</li>`,
  );
  return page(
    req,
    'Index',
    `<p>A tour of routes, forms, answers and errors.</p>\n<ul>${items.join('\n')}</ul>`,
  );
}

export function variablePage(req: Request, title: string, variables: readonly Row[]): string {
  const { peer } = req;
  const facts: Row[] = [
    ['method', req.method],
    ['path', req.path],
    ['query', req.query],
    ['client', peer.address],
    ['server', `${peer.scheme}://${peer.host}`],
  ];
  return page(
    req,
    title,
    `<h2>Variables</h2>${table(variables)}
<h2>Request</h2>${table(facts)}
<h2>Header fields</h2>${table([...req.headers])}`,
  );
}

export function formPage(req: Request): string {
  return page(
    req,
    'Forms',
    `<h2>GET</h2>${GET_FORM}
<h2>POST, multipart/form-data</h2><form method="post" enctype="multipart/form-data">${POST_FORM}
<h2>POST, application/x-www-form-urlencoded</h2><form method="post">${POST_FORM}
<h2>Form</h2>${table(valueRows(req.form, 'pname', 'px'))}
<h2>Arguments</h2>${table(valueRows(req.args, 'gname', 'gx'))}`,
  );
}

export function uploadPage(req: Request, files: readonly ShownFile[]): string {
  const shown = files.map(
    ({ filename, facts, text }) =>
      `<h2>${escapeHtml(filename)}</h2>${table(facts)}<pre>${escapeHtml(text)}</pre>`,
  );
  return page(req, 'Upload', `${UPLOAD_FORM}${shown.join('\n')}`);
}

export function missingPage(req: Request): string {
  return page(req, '404 – not found', `<p>There is no <code>${escapeHtml(req.path)}</code> here.</p>`);
}

function valueRows(args: Args | ParsedForm, name: string, list: string): Row[] {
  return [
    ['keys', args.names().join(', ')],
    [
      'first values',
      args
        .names()
        .map((key) => args.getFirst(key, ''))
        .join(', '),
    ],
    [`getFirst('${name}')`, args.getFirst(name, '–')],
    [`getFirst('${list}')`, args.getFirst(list, '–')],
    [`getList('${name}')`, JSON.stringify(args.getList(name))],
    [`getList('${list}')`, JSON.stringify(args.getList(list))],
  ];
}

function numbers(name: string): string {
  return [1, 2, 3].map((i) => `<input name="${name}" value="${i}" aria-label="Number ${i}">`).join('\n');
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${cells.join('\n')}</table>`;
}

function page(req: Request, title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Simple: ${title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<nav><a href="/">/</a> » <b>${escapeHtml(req.path)}</b></nav>
<h1>${title}</h1>
${content}
</body>
</html>
`;
}

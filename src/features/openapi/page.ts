/** A page to read the document by, and to try what it describes: Swagger UI, as its package brings it. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { escapeHtml, ObolError, Response, type Feature, type Request } from '../../kit.js';
import { staticFiles } from '../static/static-files.js';
import { OWN_HANDLERS } from './route.js';

/** What a page needs to know. */
export interface PageParts {
  readonly title: string;
  /** Where it is, such as `/docs`. */
  readonly path: string;
  /** Where the document is, such as `/openapi.json`. */
  readonly document: string;
  /** Origins besides the own one that requests may go to. */
  readonly origins: readonly string[];
}

const PACKAGE = 'swagger-ui-dist';
/** Of the package, what the page uses; nothing else of it is sent. */
const STYLE = 'swagger-ui.css';
const SCRIPT = 'swagger-ui-bundle.js';

/** The folder of the package; null where it is not installed. */
export function pageFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch {
    return null;
  }
}

/** The routes of a page. @throws ObolError E_PACKAGE when the package is not installed */
export function pageRoutes(parts: PageParts, folder = pageFolder()): NonNullable<Feature['routes']> {
  if (folder === null)
    throw new ObolError('E_PACKAGE', `openapi.docs needs the package ${PACKAGE}: npm install ${PACKAGE}`);
  const files = staticFiles(folder);
  const handlers = {
    [OWN_HANDLERS.page]: (request: Request) => page(request, parts),
  };
  const file = (name: string): NonNullable<Feature['routes']>[number] => {
    const own = { [OWN_HANDLERS.page]: (request: Request) => files.answer(request, name) };
    return { path: `${parts.path}/${name}`, handler: own.openApiPage };
  };
  return [{ path: parts.path, handler: handlers.openApiPage }, file(STYLE), file(SCRIPT)];
}

/** Nothing from elsewhere, and no script but the two that it names. Swagger UI sets styles of elements. */
function page(request: Request, { title, path, document, origins }: PageParts): Response {
  const { baseUrl: base, cspNonce: nonce } = request;
  const options = { url: base + document, dom_id: '#docs', deepLinking: true, validatorUrl: null };
  const script = `SwaggerUIBundle(${JSON.stringify(options).replaceAll('<', '\\u003c')})`;
  const folder = escapeHtml(base + path);
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${folder}/${STYLE}">
</head>
<body>
<div id="docs"></div>
<script nonce="${nonce}" src="${folder}/${SCRIPT}"></script>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...origins].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(html, { headers: { 'Content-Security-Policy': policy.join('; ') } });
}

/** A small site, each page and each module of it a file: `npm run sample -- file-routes`. */
import 'reflect-metadata';
import { resolve } from 'node:path';
import { marked } from 'marked';
import { bootstrap } from 'obol';
import { fileRoutes } from 'obol/file-routes';
import { htmlPage } from 'obol/page';

const site = process.env['SITE'] ? resolve(process.env['SITE']) : new URL('site', import.meta.url);

/** The first heading is the title; the page writes it. */
async function markdown(text: string): Promise<string> {
  const [heading = '', title = ''] = /^# (.+)\n/.exec(text) ?? [];
  return htmlPage({ title, head: '', main: await marked.parse(text.slice(heading.length)) });
}

const app = await bootstrap({
  controllers: [],
  features: [await fileRoutes(site, { loaders: { '.md': markdown } })],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);

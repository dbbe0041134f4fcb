/** Handlers put together by a file: what that names stands here. */
import { join } from 'node:path';
import { escapeHtml, makeResponse } from 'obol';
import { compose } from 'obol/composition';
import { showRequest } from 'obol/debug';
import { htmlPage } from 'obol/page';
import { z } from 'zod';

const Page = z.strictObject({ title: z.string(), text: z.string() });
const Header = z.strictObject({ name: z.string(), value: z.string() });

export const byFile = await compose(join(import.meta.dirname, 'by-file.json'), {
  apps: {
    page: (part) => {
      const { title, text } = part.options(Page);
      const main = `<p>${escapeHtml(text)}</p>\n<p><a href="request/">The request</a>, as a handler shows it</p>`;
      return () => makeResponse(htmlPage({ title, head: '', main }));
    },
    request: () => showRequest({ always: true }),
  },
  filters: {
    header: (part) => {
      const { name, value } = part.options(Header);
      return async (request, next) => {
        const response = await next(request);
        response.headers.set(name, value);
        return response;
      };
    },
  },
});

/** The typed client in a real browser, which loads it file by file, as it is built; and in a bundle for browsers. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import {
  bootstrap,
  Controller,
  EventStreamResponse,
  Get,
  Post,
  reply,
  type Contract,
  type Request,
  type Valid,
} from 'obol';
import { clientRoutes } from 'obol/client';
import { mount } from 'obol/composition';
import { each, fields, file } from 'obol/contract';
import { staticFiles } from 'obol/static';
import { z } from 'zod';
import { launchBrowser, type Browser } from '../../support/browser.js';

const DIST = join(import.meta.dirname, '../../../dist');
const upload = { form: fields({ name: z.string(), file: file() }) } satisfies Contract;
const items = { returns: each(z.object({ id: z.number() })) } satisfies Contract;

@Controller('/things')
class Things {
  @Get('/<name>')
  show(_req: Request, name: string) {
    return { name };
  }

  @Post('/', upload)
  async upload(_req: Request, { form }: Valid<typeof upload>) {
    return { name: form.name, text: (await form.file.bytes()).toString() };
  }

  @Get('/all/items', items)
  *items() {
    for (let id = 1; id <= 3; id++) yield { id };
  }

  @Get('/all/events')
  events() {
    return new EventStreamResponse([{ event: 'tick', data: { a: 1 } }]);
  }
}

@Controller('/')
class Pages {
  @Get('/')
  home() {
    return '<!doctype html><title>Things</title>';
  }
}

const CALLS = `(async () => {
  const { client, ResponseError } = await import('/obol/client/index.js');
  const { routes } = await import('/routes.js');
  const api = client('/', { routes: routes.Things });
  const all = async (list) => { const found = []; for await (const item of list) found.push(item); return found; };
  return [
    await api.show('a b/'.slice(0, 3) + 'ü'),
    await api.upload({ form: { name: 'n', file: new File(['text'], 'a.txt') } }),
    await all(await api.items()),
    await all(await api.events()),
    await api.upload({ form: { name: 'n' } }).catch((error) => [error instanceof ResponseError, error.status, error.problem.errors[0].pointer]),
    await api.show('a/b').catch((error) => error.code),
  ];
})()`;

describe('the client in Chromium', () => {
  let app: Awaited<ReturnType<typeof start>>;
  let browser: Browser;
  let url: string;

  function start() {
    return bootstrap({ controllers: [Things, Pages], middleware: [mount('/obol', staticFiles(DIST))] });
  }

  beforeAll(async () => {
    app = await start();
    const module = clientRoutes(app.routes);
    app.routes.add('/routes.js', () => reply(module, 'text/javascript'));
    ({ url } = await app.listen({ port: 0 }));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  test('calls a controller of the page, loaded unbundled', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    expect(await page.evaluate(CALLS)).toEqual([
      { name: 'a bü' },
      { name: 'n', text: 'text' },
      [{ id: 1 }, { id: 2 }, { id: 3 }],
      [{ event: 'tick', data: '{"a":1}', id: '' }],
      [true, 422, '#/file'],
      'E_URL_PARAMETER',
    ]);
  });
});

test('a bundle for browsers has the client, and nothing of Node', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(DIST, 'client/index.js')],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
  });
  const text = outputFiles.map((output) => output.text).join('');
  expect(text).toContain('ResponseError');
  expect(text).not.toContain('node:');
  expect(text.length).toBeLessThan(16_384);
});

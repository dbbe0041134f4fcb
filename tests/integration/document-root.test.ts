/** `documentRoot` and `documentIndex`: files where no route answers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  Default,
  Get,
  HttpError,
  HttpState,
  Post,
  type Handler,
  type Request,
  type Response,
} from 'obol';
import { TestClient } from 'obol/testing';
import { assemble } from '../../src/application/bootstrap.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { start } from '../support/client.js';

const root = mkdtempSync(join(tmpdir(), 'obol-document-root-'));
mkdirSync(join(root, 'folder'));
writeFileSync(join(root, 'hello.txt'), 'Hello, file!');
writeFileSync(join(root, 'routed'), 'never seen');
writeFileSync(join(root, 'folder', 'one.css'), 'a {}');
afterAll(() => {
  rmSync(root, { recursive: true });
});

const seen: (string | undefined)[] = [];

@Controller()
class SiteController {
  @BeforeResponse() before(req: Request) {
    seen.push(req.path, req.route?.path);
  }
  @Get('/routed') routed() {
    return 'route';
  }
  @Post('/hello.txt') post() {
    return 'post';
  }
  @AfterResponse() after(_req: Request, response: Response) {
    response.headers.set('X-After', 'yes');
  }
  @HttpState(404) missing() {
    return 'own 404';
  }
}

@Controller()
class DefaultController {
  @Default() any() {
    return 'default';
  }
}

describe('the document root', () => {
  test.each([
    ['GET', '/hello.txt', 405, ''],
    ['POST', '/hello.txt', 200, 'post'],
    ['GET', '/routed', 200, 'route'],
    ['GET', '/folder/one.css', 200, 'a {}'],
    ['GET', '/nowhere', 404, 'own 404'],
    ['GET', '/folder/', 404, 'own 404'],
    ['PUT', '/folder/one.css', 404, 'own 404'],
  ])('%s %s is answered with %i %s', async (method, path, status, text) => {
    const { client } = await start(SiteController, { documentRoot: root });
    const response = await client.request(path, { method });
    expect(response.status).toBe(status);
    if (text !== '') expect(await response.text()).toBe(text);
    expect(response.headers.get('x-after')).toBe('yes');
  });

  test('is asked after the before hooks, and before the default handlers', async () => {
    const { client } = await start([SiteController, DefaultController], { documentRoot: root });
    seen.length = 0;
    expect(await (await client.get('/folder/one.css')).text()).toBe('a {}');
    expect(await (await client.get('/nowhere')).text()).toBe('default');
    expect(seen).toEqual(['/folder/one.css', undefined, '/nowhere', undefined]);
  });

  test('lists folders where that is wanted', async () => {
    const { client } = await start(SiteController, { documentRoot: root, documentIndex: true });
    const response = await client.get('/folder/');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(await response.text()).toContain('one.css');
  });

  test('that is no folder is told at bootstrap, with everything else', async () => {
    await expect(start(SiteController, { documentRoot: join(root, 'no') })).rejects.toMatchObject({
      problems: [expect.objectContaining({ code: 'E_SETTING' })],
    });
  });
});

describe('what else a document root may answer', () => {
  const failing = (files: Handler) =>
    assemble(
      { controllers: [DefaultController], documentRoot: '/', logger: collectingLogger() },
      { listen: () => Promise.reject(new Error('never')), openDocumentRoot: () => files },
    );

  test.each<[string, Handler, number, string]>([
    ['nothing, later', () => Promise.reject(new HttpError(404)), 200, 'default'],
    ['that it is busy', () => Promise.reject(new HttpError(503)), 503, ''],
    [
      'a failure',
      () => {
        throw new Error('disk');
      },
      500,
      '',
    ],
  ])('%s', async (_, files, status, text) => {
    const response = await new TestClient(await failing(files)).get('/x');
    expect(response.status).toBe(status);
    if (text !== '') expect(await response.text()).toBe(text);
  });
});

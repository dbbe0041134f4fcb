/** Conditional requests for files and for what controllers give, through a real socket. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  checkPreconditions,
  Controller,
  DECLINED,
  FileResponse,
  Get,
  type HttpError,
  HttpState,
  makeResponse,
  Put,
  type Request,
} from 'obol';
import { TestClient } from 'obol/testing';
import { collectingLogger } from '../support/collecting-logger.js';
import { MODIFIED, TestFolder } from '../support/folder.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';

const EQUAL = MODIFIED.toUTCString();
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const LATER = 'Sun, 06 Nov 1994 08:49:38 GMT';
const folder = new TestFolder();
const path = folder.file('page.txt', '0123456789');

let page = 'one';

@Controller()
class PagesController {
  @Get('/file')
  file() {
    const headers = { Vary: 'Accept', 'X-Own': 'a' };
    return new FileResponse(path, { headers, cacheControl: { maxAge: 60 } }).setCookie('seen', '1');
  }

  @Get('/missing')
  missing() {
    return new FileResponse(`${path}.not`);
  }

  @Get('/page')
  show() {
    return makeResponse(page).addEtag();
  }

  @Get('/kept')
  kept() {
    return makeResponse('0123456789').addEtag().makePartial();
  }

  @HttpState(416)
  async unsatisfiable() {
    await Promise.resolve();
    return 'no such part';
  }

  @Get('/declines')
  declines() {
    return makeResponse('declines').addEtag();
  }

  @HttpState(412)
  changed({ path: asked }: Request, error: HttpError) {
    return asked === '/declines' ? DECLINED : error.message;
  }

  @Put('/page')
  change(req: Request) {
    checkPreconditions(req, { etag: makeResponse(page).addEtag().etag });
    page = 'two';
    return null;
  }
}

let app: Awaited<ReturnType<typeof bootstrap>>;
let client: RawClient;
let tag: string;

beforeAll(async () => {
  app = await bootstrap({ controllers: [PagesController], logger: collectingLogger() });
  const server = await app.listen({ port: 0, signals: false });
  client = await RawClient.connect(server.port);
  tag = (await send('GET /file')).header('etag') ?? '';
});
afterAll(async () => {
  client.destroy();
  await app.close();
  folder.remove();
});

const send = (line: string, ...fields: string[]): Promise<RawResponse> =>
  client.request(line, ['Accept: text/plain', ...fields]).response(line.split(' ')[0]);

describe('a file', () => {
  test.each<[number, () => string[]]>([
    [304, () => [`If-None-Match: ${tag}`]],
    [304, () => [`If-None-Match: W/${tag}`]],
    [304, () => ['If-None-Match: *']],
    [304, () => [`If-None-Match: "a", "b", ${tag}`]],
    [304, () => ['If-None-Match: "a"', `If-None-Match: ${tag}`]],
    [200, () => ['If-None-Match: "other"']],
    [200, () => ['If-None-Match: "other"', `If-Modified-Since: ${EQUAL}`]],
    [304, () => [`If-None-Match: ${tag}`, `If-Modified-Since: ${EARLIER}`]],
    [200, () => [`If-None-Match: "x,${tag.slice(1)}`]],
    [200, () => [`If-None-Match: ${tag.slice(1, -1)}`]],
    [304, () => [`If-Modified-Since: ${EQUAL}`]],
    [304, () => [`If-Modified-Since: ${LATER}`]],
    [200, () => [`If-Modified-Since: ${EARLIER}`]],
    [200, () => ['If-Modified-Since: junk']],
    [304, () => ['If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT']],
    [304, () => ['If-Modified-Since: Sun Nov  6 08:49:37 1994']],
    [200, () => [`If-Match: ${tag}`]],
    [200, () => ['If-Match: *']],
    [412, () => ['If-Match: "other"']],
    [412, () => [`If-Match: W/${tag}`]],
    [412, () => ['If-Match: "other"', `If-None-Match: ${tag}`]],
    [200, () => [`If-Unmodified-Since: ${EQUAL}`]],
    [200, () => [`If-Unmodified-Since: ${LATER}`]],
    [412, () => [`If-Unmodified-Since: ${EARLIER}`]],
    [200, () => ['If-Unmodified-Since: junk']],
    [304, () => [`If-None-Match: ${tag}`, 'Range: bytes=0-1']],
    [412, () => ['If-Match: "other"', 'Range: bytes=0-1']],
    [206, () => [`If-Match: ${tag}`, 'Range: bytes=0-1']],
  ])('gets %d for %p, whether by GET or, but for a range, by HEAD', async (status, fields) => {
    const got = await send('GET /file', ...fields());
    expect(got.status).toBe(status);
    if (status === 200) expect(got.text).toBe('0123456789');
    const head = await send('HEAD /file', ...fields());
    expect(head.status).toBe(status === 206 ? 200 : status);
    const fieldsOf = ({ fields: all }: RawResponse) => all.filter(([name]) => name !== 'date');
    if (status !== 206) expect(fieldsOf(head)).toEqual(fieldsOf(got));
  });

  test('that is not modified is told with what caches need, and no length or type', async () => {
    const response = await send('GET /file', `If-None-Match: ${tag}`);
    expect(response.body).toHaveLength(0);
    expect(Object.fromEntries(response.fields)).toEqual({
      'cache-control': 'max-age=60',
      connection: 'keep-alive',
      date: expect.stringMatching(/GMT$/),
      etag: tag,
      'keep-alive': expect.any(String),
      'set-cookie': 'seen=1; Path=/; HttpOnly; SameSite=Lax',
      vary: 'Accept',
      'x-content-type-options': 'nosniff',
      'x-own': 'a',
      ...(response.header('x-powered-by') && { 'x-powered-by': response.header('x-powered-by') }),
    });
  });

  test('that is missing is a 404 whatever the client has', async () => {
    expect((await send('GET /missing', 'If-None-Match: *')).status).toBe(404);
    expect((await send('GET /missing', 'If-Match: *')).status).toBe(404);
  });
});

test('what is refused by a range is answered by its state handler, and the connection goes on', async () => {
  const { status, text, ...response } = await send('GET /kept', 'Range: bytes=10-');
  expect([status, response.header('content-range'), text]).toEqual([416, 'bytes */10', 'no such part']);
  expect((await send('GET /kept')).status).toBe(200);
});

test('a state handler that declines what is refused closes the connection', async () => {
  const own = await RawClient.connect(client.socket.remotePort ?? 0);
  own.request('GET /declines', ['If-Match: "other"']);
  await own.closed;
  expect(own.socket.bytesRead).toBe(0);
});

test('a page of a controller is sent once, and then told to be the same', async () => {
  const first = await send('GET /page');
  const again = await send('GET /page', `If-None-Match: ${first.header('etag')}`);
  expect([first.text, again.status, again.header('etag')]).toEqual(['one', 304, first.header('etag')]);
});

test('of two who change the same page, the second is told before anything is lost', async () => {
  const seen = (await send('GET /page')).header('etag');
  const change = () => send('PUT /page', `If-Match: ${seen}`, 'Content-Length: 0');
  expect([(await change()).status, (await change()).status]).toEqual([204, 412]);
  expect((await send('GET /page')).text).toBe('two');
});

test('the test client gets the same without a socket', async () => {
  const tester = new TestClient(app);
  expect((await tester.get('/file', { headers: { 'If-None-Match': tag } })).status).toBe(304);
  const part = await tester.get('/file', { headers: { Range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ]);
  expect((await tester.get('/file', { headers: { Range: 'bytes=10-' } })).status).toBe(416);
});

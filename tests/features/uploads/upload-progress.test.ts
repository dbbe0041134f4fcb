/** Browsers that follow their own uploads, in process. */
import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Form, HttpError, Post, Put, type Request } from 'obol';
import { uploadProgress, type UploadProgressOptions } from 'obol/uploads';
import { Follower } from '../../../src/features/uploads/followed-upload.js';
import { FollowedUploads } from '../../../src/features/uploads/followed-uploads.js';
import { request as buildRequest } from '../../../src/hosts/testing/request.js';
import type { TestResponse } from '../../../src/hosts/testing/test-response.js';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { BOUNDARY, bodyOf, field, file } from '../../support/multipart.js';
import { deferred } from '../../support/serve.js';

const ID = 'a'.repeat(22);
const EVENTS = { headers: { Accept: 'text/event-stream' } };
const MULTIPART = { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` };
const URLENCODED = { 'Content-Type': 'application/x-www-form-urlencoded' };

@Controller()
class UploadController {
  @Post('/upload')
  upload(req: Request) {
    return { fields: req.form.names(), files: req.form.files.length };
  }

  @Put('/upload')
  replace(req: Request) {
    return this.upload(req);
  }

  @Form(false)
  @Post('/unread')
  unread() {
    throw new HttpError(401);
  }
}

async function follow(options: UploadProgressOptions = {}) {
  return start(UploadController, { features: [uploadProgress(options)] });
}

/** A body that comes when the test says so. */
function slowBody() {
  const begun = deferred();
  const rest = deferred<Buffer | undefined>();
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(field('title', 'x') + file('f', 'picture.png', 'half').slice(0, -2));
    begun.resolve();
    const last = await rest.promise;
    if (!last) throw new Error('The client left');
    yield last;
  }
  const finish = (): void => {
    rest.resolve(Buffer.concat([Buffer.from('\r\n'), bodyOf()]));
  };
  const cut = (): void => {
    rest.resolve(undefined);
  };
  return { body: body(), begun: begun.promise, finish, cut };
}

interface Event {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The events of a stream, comments and the first line left out. */
async function* eventsOf(response: TestResponse): AsyncGenerator<Event> {
  for await (const bytes of response.body) {
    const match = /^event: (\w+)\ndata: (.*)\n\n$/.exec(Buffer.from(bytes).toString());
    if (match) yield { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') as Event['data'] };
  }
}

async function all(events: AsyncIterable<Event>): Promise<Event[]> {
  const list: Event[] = [];
  for await (const event of events) list.push(event);
  return list;
}

async function nextOf(events: AsyncIterator<Event>): Promise<Event | undefined> {
  const step = await events.next();
  return step.done === true ? undefined : step.value;
}

const path = `/upload-progress/${ID}`;
const upload = `/upload?upload-id=${ID}`;

describe('an upload with an id', () => {
  test('tells its figures as JSON: under way, complete', async () => {
    const { client } = await follow();
    const { body, begun, finish } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const response = await client.get(path);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(response.headers.get('vary')).toBe('Accept');
    const first = await response.json<Record<string, number>>();
    expect(first).toEqual({
      state: 'running',
      received: expect.any(Number),
      total: null,
      rate: expect.any(Number),
      filename: 'picture.png',
    });
    expect(first['received']).toBeGreaterThan(100);
    finish();
    expect(await (await answer).json()).toEqual({ fields: ['title', 'f'], files: 1 });
    const last = await (await client.get(path)).json<Record<string, number>>();
    expect(last).toMatchObject({ state: 'complete', filename: 'picture.png' });
    expect(last['received']).toBeGreaterThan(first['received'] ?? Infinity);
  });

  test('tells them as events, and ends', async () => {
    const { client } = await follow();
    const { body, begun, finish } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const response = await client.get(path, EVENTS);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.getAll('cache-control')).toEqual(['no-store, no-transform']);
    const events = eventsOf(response);
    expect(await nextOf(events)).toMatchObject({ event: 'progress', data: { state: 'running' } });
    finish();
    await answer;
    const rest = await all(events);
    expect(rest.at(-1)).toMatchObject({ event: 'done', data: { state: 'complete' } });
    expect(await all(eventsOf(await client.get(path, EVENTS)))).toEqual([rest.at(-1)]);
  });

  test('may be followed before it comes', async () => {
    const { client } = await follow();
    const events = eventsOf(await client.get(path, EVENTS));
    const first = nextOf(events);
    expect((await client.get(path)).status).toBe(404);
    await (await client.post(upload, { headers: MULTIPART, body: bodyOf(field('a', 'b')) })).text();
    const list = [await first, ...(await all(events))];
    expect(list.at(-1)).toMatchObject({ event: 'done', data: { state: 'complete' } });
  });

  test('knows its total before its first byte', async () => {
    const { client } = await follow();
    const { body, begun, finish } = slowBody();
    const events = eventsOf(await client.get(path, EVENTS));
    const first = nextOf(events);
    const headers = { ...MULTIPART, 'Content-Length': '1000' };
    const answer = client.post(upload, { headers, body });
    expect(await first).toEqual({
      event: 'progress',
      data: { state: expect.any(String), received: 0, total: 1000, rate: 0, filename: null },
    });
    await begun;
    finish();
    await answer;
    expect((await all(events)).at(-1)).toMatchObject({ event: 'done', data: { total: 1000 } });
  });

  test.each([
    ['a multipart form by PUT', 'PUT', MULTIPART, bodyOf(field('a', 'b'))],
    ['an urlencoded form', 'POST', URLENCODED, 'a=b&c=d'],
  ])('may be %s', async (_name, method, headers, body) => {
    const { client } = await follow();
    expect((await client.request(upload, { method, headers, body })).status).toBe(200);
    expect(await (await client.get(path)).json()).toMatchObject({
      state: 'complete',
      received: body.length,
    });
  });

  test('that breaks off has failed', async () => {
    const { client } = await follow();
    const { body, begun, cut } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const events = eventsOf(await client.get(path, EVENTS));
    expect(await nextOf(events)).toMatchObject({ event: 'progress' });
    cut();
    expect((await answer).status).toBe(400);
    expect((await all(events)).at(-1)).toMatchObject({ event: 'failed', data: { state: 'failed' } });
    expect(await (await client.get(path)).json()).toMatchObject({ state: 'failed' });
  });

  test('that is malformed has failed', async () => {
    const { client } = await follow();
    expect((await client.post(upload, { headers: MULTIPART, body: 'no form' })).status).toBe(400);
    expect(await (await client.get(path)).json()).toMatchObject({ state: 'failed' });
  });

  test('whose form nobody read is still expected: it comes again with a password', async () => {
    const { client } = await follow();
    const events = eventsOf(await client.get(path, EVENTS));
    const first = nextOf(events);
    const body = bodyOf(field('a', 'b'));
    const refused = await client.post(`/unread?upload-id=${ID}`, { headers: MULTIPART, body });
    expect([refused.status, (await client.get(path)).status]).toEqual([401, 404]);
    expect((await client.post(upload, { headers: MULTIPART, body })).status).toBe(200);
    const list = [await first, ...(await all(events))];
    expect(list.map((event) => event?.event)).not.toContain('failed');
    expect(list.at(-1)).toMatchObject({ event: 'done' });
  });

  test('may come again under the same id when it is over', async () => {
    const { client } = await follow();
    expect((await client.post(upload, { headers: MULTIPART, body: 'no form' })).status).toBe(400);
    const { body, begun, finish } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    expect(await (await client.get(path)).json()).toMatchObject({ state: 'running' });
    finish();
    await answer;
    expect(await (await client.get(path)).json()).toMatchObject({ state: 'complete' });
  });

  test('is refused with 409 while another one with this id arrives', async () => {
    const { client } = await follow();
    const { body, begun, finish } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const second = await client.post(upload, { headers: MULTIPART, body: bodyOf(field('a', 'b')) });
    expect([second.status, await second.text()]).toEqual([
      409,
      expect.stringContaining('An upload with this id is under way'),
    ]);
    expect(await (await client.get(path)).json()).toMatchObject({ state: 'running' });
    finish();
    expect((await answer).status).toBe(200);
  });
});

describe('an id', () => {
  test.each([
    'x'.repeat(21),
    'x'.repeat(65),
    `${'x'.repeat(30)}%0A`,
    `${'x'.repeat(30)}.`,
    `${'x'.repeat(30)}%C3%A9`,
    '',
    `${ID}&upload-id=${ID}`,
  ])('%j is refused with 400', async (id) => {
    const { client } = await follow();
    const response = await client.post(`/upload?upload-id=${id}`, {
      headers: { ...URLENCODED, Accept: 'text/html' },
      body: 'a=b',
    });
    expect([response.status, await response.text()]).toEqual([
      // A blank value is no argument at all, unless the application keeps those.
      id === '' ? 200 : 400,
      expect.stringContaining(
        id === ''
          ? '{"fields":["a"],"files":0}'
          : 'The argument &quot;upload-id&quot; is one id of 22 to 64 letters, digits, &quot;_&quot; or &quot;-&quot;',
      ),
    ]);
  });

  test.each(['x'.repeat(22), 'x'.repeat(64), 'AZaz09_-AZaz09_-AZaz09', crypto.randomUUID()])(
    '%s is taken',
    async (id) => {
      const { client } = await follow();
      await client.post(`/upload?upload-id=${id}`, { headers: URLENCODED, body: 'a=b' });
      expect((await client.get(`/upload-progress/${id}`)).status).toBe(200);
    },
  );

  test.each([
    ['GET', `/upload-progress/${'b'.repeat(22)}`],
    ['HEAD', `/upload-progress/${'b'.repeat(22)}`],
    ['GET', '/upload-progress/short'],
    ['GET', '/upload-progress/'],
    ['GET', '/upload-progress'],
    ['GET', `/else/upload-progress/${ID}`],
    ['GET', `${path}/more`],
  ])('%s %s answers 404', async (method, target) => {
    const { client } = await follow();
    await client.post(upload, { headers: URLENCODED, body: 'a=b' });
    expect((await client.request(target, { method })).status).toBe(404);
  });

  test('that never comes is given up by those who wait for it', async () => {
    const { client } = await follow({ patience: 10 });
    expect(await all(eventsOf(await client.get(path, EVENTS)))).toEqual([
      { event: 'failed', data: { state: 'expected', received: 0, total: null, rate: 0, filename: null } },
    ]);
  });

  test.each([
    ['of a body that is no form', { json: { a: 1 } }],
    ['without a body', {}],
  ])('%s is not followed', async (_name, init) => {
    const { client } = await follow();
    await client.post(upload, init);
    expect((await client.get(path)).status).toBe(404);
  });

  test('HEAD of its events begins nothing', async () => {
    const { client } = await follow({ maxFollowers: 1 });
    for (let i = 0; i < 3; i++) expect((await client.head(path, EVENTS)).status).toBe(200);
  });

  test('is named and asked for as the application likes', async () => {
    const { client } = await follow({ path: '/api/uploads', parameter: 'id' });
    await client.post(`/upload?id=${ID}`, { headers: URLENCODED, body: 'a=b' });
    expect((await client.get(`/api/uploads/${ID}`)).status).toBe(200);
    expect((await client.get(path)).status).toBe(404);
  });
});

describe('events', () => {
  test('come at most ten times a second', async () => {
    const { client } = await follow();
    const chunks = 40;
    async function* body(): AsyncGenerator<Buffer> {
      const whole = bodyOf(file('f', 'f.bin', 'x'.repeat(chunks * 100)));
      for (let at = 0; at < whole.length; at += 100) {
        yield whole.subarray(at, at + 100);
        await new Promise((resolve) => setTimeout(resolve, 6));
      }
    }
    const events = all(eventsOf(await client.get(path, EVENTS)));
    const began = performance.now();
    await client.post(upload, { headers: MULTIPART, body: body() });
    const list = await events;
    const elapsed = performance.now() - began;
    const progress = list.filter(({ event }) => event === 'progress');
    expect(progress.length).toBeGreaterThanOrEqual(2);
    expect(progress.length).toBeLessThanOrEqual(elapsed / 100 + 2);
    const received = list.map(({ data }) => data['received'] as number);
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  test('wait while the upload stands still', async () => {
    const { client } = await follow();
    const { body, begun, finish } = slowBody();
    const answer = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const events = eventsOf(await client.get(path, EVENTS));
    await nextOf(events);
    const next = nextOf(events);
    // Longer than the time between two events.
    await new Promise((resolve) => setTimeout(resolve, 130));
    finish();
    const list = [await next, ...(await all(events))];
    await answer;
    expect(list.at(-1)).toMatchObject({ event: 'done' });
  });

  test.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html', 'application/json'],
    ['application/json', 'application/json'],
    ['text/event-stream', 'text/event-stream; charset=utf-8'],
    ['text/event-stream, */*;q=0.1', 'text/event-stream; charset=utf-8'],
  ])('to a client that accepts %j are %s', async (accept, type) => {
    const { client } = await follow();
    await client.post(upload, { headers: URLENCODED, body: 'a=b' });
    const response = await client.get(path, accept === undefined ? {} : { headers: { Accept: accept } });
    expect(response.headers.get('content-type')).toBe(type);
    await response.text();
  });

  test('are refused with 503 to more followers than allowed, until one leaves', async () => {
    const { client } = await follow({ maxFollowers: 2 });
    const first = eventsOf(await client.get(path, EVENTS));
    const second = await client.get(`/upload-progress/${'b'.repeat(22)}`, EVENTS);
    const refused = await client.get(path, EVENTS);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await second.body[Symbol.asyncIterator]().next();
    const response = client.post(upload, { headers: URLENCODED, body: 'a=b' });
    await Promise.all([all(first), response]);
    expect((await client.get(path, EVENTS)).status).toBe(200);
  });
});

describe('figures', () => {
  test('are kept for a while when the upload is over', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { client } = await follow({ keep: 5000 });
      await client.post(upload, { headers: URLENCODED, body: 'a=b' });
      jest.advanceTimersByTime(4999);
      expect((await client.get(path)).status).toBe(200);
      jest.advanceTimersByTime(1);
      expect((await client.get(path)).status).toBe(404);
    } finally {
      jest.useRealTimers();
    }
  });

  test('of an upload that came again outlive those of the first', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { client } = await follow({ keep: 5000 });
      await client.post(upload, { headers: URLENCODED, body: 'a=b' });
      jest.advanceTimersByTime(3000);
      await client.post(upload, { headers: URLENCODED, body: 'a=b' });
      jest.advanceTimersByTime(3000);
      expect((await client.get(path)).status).toBe(200);
      jest.advanceTimersByTime(2000);
      expect((await client.get(path)).status).toBe(404);
    } finally {
      jest.useRealTimers();
    }
  });

  test('of the oldest upload that is over make room for a new one', async () => {
    const { client } = await follow({ maxUploads: 2 });
    const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(22));
    for (const id of ids) await client.post(`/upload?upload-id=${id}`, { headers: URLENCODED, body: 'a=b' });
    const statuses = await Promise.all(ids.map((id) => client.get(`/upload-progress/${id}`)));
    expect(statuses.map(({ status }) => status)).toEqual([404, 200, 200]);
  });

  test('are not kept of an upload that comes while too many are under way; it is received all the same', async () => {
    const { client } = await follow({ maxUploads: 1 });
    const { body, begun, finish } = slowBody();
    const first = client.post(upload, { headers: MULTIPART, body });
    await begun;
    const other = 'b'.repeat(22);
    const second = await client.post(`/upload?upload-id=${other}`, { headers: URLENCODED, body: 'a=b' });
    expect([second.status, (await client.get(`/upload-progress/${other}`)).status]).toEqual([200, 404]);
    finish();
    await first;
    expect((await client.get(path)).status).toBe(200);
  });
});

describe('nothing is left', () => {
  const limits = { keep: 1, maxUploads: 1000, maxFollowers: 1000 };
  const request = (): Request => buildRequest(upload, { method: 'POST', headers: URLENCODED, body: 'a=b' });
  const close = (req: Request): void => {
    req.close((error) => {
      throw error;
    });
  };

  test('of ten thousand followers of uploads that never came', () => {
    const uploads = new FollowedUploads(limits);
    for (let i = 0; i < 10_000; i++) {
      const req = request();
      uploads.admit(String(i), req);
      expect(uploads.size).toBe(1);
      close(req);
    }
    expect(uploads.size).toBe(0);
  });

  test('of ten thousand uploads whose form nobody read', () => {
    const uploads = new FollowedUploads(limits);
    for (let i = 0; i < 10_000; i++) {
      const req = request();
      uploads.receive(String(i), req);
      close(req);
    }
    expect(uploads.size).toBe(0);
  });

  test('of ten thousand uploads that are over, but the last thousand', async () => {
    const uploads = new FollowedUploads({ ...limits, keep: 60_000 });
    for (let i = 0; i < 10_000; i++) {
      const req = request();
      uploads.receive(String(i), req);
      await req.readForm();
      close(req);
    }
    expect(uploads.size).toBe(1000);
    expect([uploads.find('8999'), uploads.find('9000')?.state]).toEqual([undefined, 'complete']);
  });

  test('of a thousand followers of one upload that stands still', () => {
    const uploads = new FollowedUploads(limits);
    const req = request();
    uploads.receive(ID, req);
    const upload = uploads.find(ID);
    for (let i = 0; i < 3; i++) {
      const followers = Array.from({ length: 1000 }, request);
      for (const follower of followers) uploads.admit(ID, follower);
      expect(upload?.followers.size).toBe(1000);
      expect(() => uploads.admit(ID, request())).toThrow('Too many clients follow uploads');
      followers.forEach(close);
      expect(upload?.followers.size).toBe(0);
    }
    close(req);
    expect(uploads.size).toBe(0);
  });

  test('of an upload that another one replaced before its form was read', async () => {
    const uploads = new FollowedUploads(limits);
    const [first, second] = [request(), request()];
    uploads.receive(ID, first);
    uploads.receive(ID, second);
    close(first);
    expect(uploads.find(ID)?.state).toBe('waiting');
    await first.readForm();
    expect(uploads.find(ID)?.state).toBe('waiting');
    await second.readForm();
    close(second);
    expect(uploads.find(ID)?.state).toBe('complete');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(uploads.size).toBe(0);
  });

  test('of a follower who leaves while nothing happens: its events end', async () => {
    const { app } = await follow();
    const asked = buildRequest(path, EVENTS);
    const response = await app.handle(asked);
    const texts = (response.takeStream() as AsyncIterable<string>)[Symbol.asyncIterator]();
    await texts.next();
    const waiting = texts.next();
    close(asked);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

test('a follower who has left does not sleep any more', async () => {
  const follower = new Follower();
  follower.leave();
  expect([await follower.sleep(), await follower.pause(60_000)]).toEqual([true, true]);
});

describe('uploadProgress', () => {
  test('answers a path that the routes of the application show', async () => {
    const { app, client } = await follow();
    expect(String(app.routes)).toContain('GET   /upload-progress/<id:re:[\\w-]{22,64}>  progress');
    expect((await client.post(path)).status).toBe(405);
  });

  test.each([
    ['path', '', `"" is not a path such as "/upload-progress".`],
    ['path', '/a/', `"/a/" is not a path such as "/upload-progress".`],
    ['path', 'a', `"a" is not a path such as "/upload-progress".`],
    ['parameter', 'a b', `"a b" is not a name such as "upload-id".`],
    ['patience', 0, '0 is not a whole number of milliseconds, 1 to 2147483647.'],
    ['keep', 2 ** 31, '2147483648 is not a whole number of milliseconds, 1 to 2147483647.'],
    ['maxUploads', 1.5, '1.5 is not a whole number of uploads, 1 or more.'],
    ['maxFollowers', NaN, 'NaN is not a whole number of followers, 1 or more.'],
  ])('refuses the %s %j', (name, value, message) => {
    expect(() => uploadProgress({ [name]: value })).toThrow(
      developerError('E_SETTING', `uploadProgress.${name}: ${message}`),
    );
  });

  test('leaves every other request alone', async () => {
    const { client } = await follow();
    expect((await client.post('/upload', { headers: URLENCODED, body: 'upload-id=x' })).status).toBe(200);
    expect((await client.get('/upload')).status).toBe(405);
    expect((await client.request(upload, { method: 'DELETE' })).status).toBe(405);
  });
});

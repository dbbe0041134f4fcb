/** TestClient: a whole application without a socket. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  GeneratorResponse,
  METHOD_ALL,
  redirect,
  reply,
  Route,
  TextResponse,
  UpgradeResponse,
  type Request,
} from 'obol';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { start } from '../../support/client.js';

@Controller()
class ClientController {
  @Route('/echo', METHOD_ALL) echo(req: Request) {
    const { method, json, user } = req;
    const headers = Object.fromEntries(req.headers);
    return { method, json, user, headers, cookies: Object.fromEntries(req.cookies) };
  }
  @Get('/login') login() {
    return reply('in', {
      headers: { 'Set-Cookie': ['sid=1; Path=/; HttpOnly', 'theme=dark', '='] },
    });
  }
  @Get('/logout') logout() {
    const gone = 'theme=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT';
    return reply('out', { headers: { 'Set-Cookie': ['sid=; Max-Age=0', gone] } });
  }
  @Get('/renew') renew() {
    return reply('on', {
      headers: { 'Set-Cookie': 'sid=2; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
    });
  }
  @Route('/to/<status:int>', METHOD_ALL) to(_req: Request, status: number) {
    redirect('/echo?from=here', { status });
  }
  @Get('/away') away() {
    redirect('https://elsewhere.example/x');
  }
  @Get('/home') home(req: Request) {
    redirect(`http://${req.peer.host}/echo`);
  }
  @Get('/loop') loop() {
    redirect('/loop');
  }
  @Get('/stream') *stream() {
    yield 'one';
    yield 'two';
  }
  @Get('/sized') sized() {
    return new GeneratorResponse(['abc'], { length: 3 });
  }
}

interface Echo {
  readonly method: string;
  readonly json?: unknown;
  readonly user: unknown;
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, string>;
}

let client: TestClient;
beforeAll(async () => {
  const { app } = await start(ClientController);
  client = new TestClient(app, { headers: { 'X-Client': 'yes', 'X-Both': 'client' } });
});

describe('a test client', () => {
  test.each(['get', 'post', 'put', 'patch', 'delete', 'options'] as const)('sends %s', async (method) => {
    const echo = await (await client[method]('/echo', { user: 'anna' })).json<Echo>();
    expect([echo.method, echo.user]).toEqual([method.toUpperCase(), 'anna']);
  });

  test('sends its own headers unless the request says otherwise', async () => {
    const { headers } = await (await client.get('/echo', { headers: { 'x-both': 'request' } })).json<Echo>();
    expect(headers).toMatchObject({ 'X-Client': 'yes', 'x-both': 'request' });
    expect(headers).not.toHaveProperty('X-Both');
  });

  test('sends HEAD, which has no body', async () => {
    const response = await client.head('/echo');
    expect([response.status, response.ok, await response.text()]).toEqual([200, true, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
    expect((await client.get('/nowhere')).ok).toBe(false);
  });

  test('keeps cookies, and loses those that have expired', async () => {
    await client.get('/login');
    expect(client.cookies.toObject()).toEqual({ sid: '1', theme: 'dark' });
    const { cookies } = await (await client.get('/echo', { cookies: { theme: 'light' } })).json<Echo>();
    expect(cookies).toEqual({ sid: '1', theme: 'light' });
    await client.get('/renew');
    expect(client.cookies.get('sid')).toBe('2');
    await client.get('/logout');
    expect(client.cookies.toObject()).toEqual({});
  });

  test('has cookies that a test can set', () => {
    client.cookies.set('__proto__', '1');
    expect(Object.keys(client.cookies.toObject())).toEqual(['__proto__']);
    expect([client.cookies.delete('__proto__'), client.cookies.get('__proto__')]).toEqual([true, undefined]);
    client.cookies.set('a', '1');
    client.cookies.clear();
    expect(client.cookies.toObject()).toEqual({});
  });

  test('gives a streamed body piece by piece', async () => {
    const pieces: string[] = [];
    for await (const piece of (await client.get('/stream')).body) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['one', 'two']);
    expect(await (await client.get('/sized')).text()).toBe('abc');
  });

  test('sends to a plain handler, whose errors are thrown', async () => {
    const plain = new TestClient((request) => new TextResponse(request.path));
    expect(await (await plain.get('/x')).text()).toBe('/x');
    const failing = new TestClient(() => {
      throw new Error('plain');
    });
    await expect(failing.get('/')).rejects.toThrow('plain');
  });
});

describe('redirects', () => {
  test('are followed on demand only', async () => {
    expect((await client.get('/to/302')).status).toBe(302);
    const following = new TestClient((await start(ClientController)).app, { followRedirects: true });
    expect((await following.get('/to/302')).status).toBe(200);
    expect((await following.get('/to/302', { followRedirects: false })).status).toBe(302);
  });

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [302, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ])('of %i go on from %s with %s', async (status, method, then) => {
    const response = await client.request(`/to/${status}`, { method, followRedirects: true });
    expect(response.status).toBe(200);
    if (method !== 'HEAD') expect((await response.json<Echo>()).method).toBe(then);
  });

  test('keep the body where they repeat the request, and drop it with its headers where not', async () => {
    const init = { json: { a: 1 }, followRedirects: true, headers: { 'Content-Type': 'application/json' } };
    expect((await (await client.request('/to/307', init)).json<Echo>()).json).toEqual({ a: 1 });
    const echo = await (await client.request('/to/303', init)).json<Echo>();
    expect([echo.json, echo.headers['Content-Type'], echo.method]).toEqual([undefined, undefined, 'GET']);
  });

  test('to another host are the answer', async () => {
    const response = await client.get('/away', { followRedirects: true });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://elsewhere.example/x']);
  });

  test('to the host that was asked are followed', async () => {
    const headers = { Host: 'example.com:81' };
    const echo = await (await client.get('/home', { followRedirects: true, headers })).json<Echo>();
    expect(echo.headers['Host']).toBe('example.com:81');
  });

  test('end after ten', async () => {
    await expect(client.get('/loop', { followRedirects: true })).rejects.toThrow(
      'More than 10 redirects, the last from /loop',
    );
  });
});

test('has no connection that a response could take over', async () => {
  const client = new TestClient(() => new UpgradeResponse('echo', () => undefined));
  await expect(client.get('/ws')).rejects.toThrow(
    'GET /ws takes over its connection; test that on a server that listens',
  );
});

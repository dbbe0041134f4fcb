/** Scripts of a FastCGI server: which are run, with what, what their answers are, and what becomes of connections. */
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeResponse, type Handler, type HandlerLike } from 'obol';
import { mount } from 'obol/composition';
import { fastcgi, type FastcgiOptions } from 'obol/fastcgi';
import { adopting, handlerOf } from 'obol/kit';
import { TestClient, type TestResponse } from 'obol/testing';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import {
  FastcgiResponder,
  rawEnd,
  rawRecord,
  type Answering,
  type Incoming,
} from '../../support/fastcgi-responder.js';
import { RawClient } from '../../support/raw-client.js';
import { ScriptsFolder } from '../../support/scripts.js';
import { serve } from '../../support/serve.js';

let folder: ScriptsFolder;
let responder: FastcgiResponder;
let logger = collectingLogger();

beforeEach(async () => {
  folder = new ScriptsFolder();
  folder.file('a.php', '');
  responder = await FastcgiResponder.start();
  logger = collectingLogger();
});

afterEach(async () => {
  await responder.close();
  folder.remove();
});

/** A client that is answered as by an application, which writes to a log. */
function clientOf(handler: HandlerLike): TestClient {
  return new TestClient(adopting({ logger }, handlerOf(handler)));
}

/** A client of the scripts of the folder. */
function client(options: FastcgiOptions = {}): TestClient {
  return clientOf(fastcgi({ socket: responder.socket, root: folder.path, ...options }));
}

/** What a client gets for a.php where the server answers so. */
function answerOf(answer: Answering, options: FastcgiOptions = {}): Promise<TestResponse> {
  responder.answer = answer;
  return client(options).get('/a.php');
}

/** What a client gets for a.php where the server sends these bytes and closes the connection. */
function answerOfBytes(...bytes: readonly Uint8Array[]): Promise<TestResponse> {
  return answerOf(({ socket }) => socket.end(Buffer.concat(bytes)));
}

async function statusAndText(answer: Promise<TestResponse>): Promise<[number, string]> {
  const response = await answer;
  return [response.status, await response.text()];
}

const HEAD = 'Content-Type: text/plain\n\n';

describe('a script', () => {
  test('learns of its request by the variables of CGI', async () => {
    const headers = { 'X-A': 'b', Proxy: 'evil', X_B: 'c', Authorization: 'Basic YTpi' };
    await client({ params: { APP_ENV: 'test', SERVER_NAME: 'own' } }).get('/a.php/b%20c?d=e', { headers });
    expect([responder.last.role, responder.last.input]).toEqual([1, '']);
    expect(responder.last.params).toMatchObject({
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/a.php/b%20c?d=e',
      SCRIPT_NAME: '/a.php',
      SCRIPT_FILENAME: `${folder.path}/a.php`,
      PATH_INFO: '/b c',
      PATH_TRANSLATED: `${folder.path}/b c`,
      QUERY_STRING: 'd=e',
      DOCUMENT_ROOT: folder.path,
      HTTP_X_A: 'b',
      APP_ENV: 'test',
      SERVER_NAME: 'own',
    });
    const names = Object.keys(responder.last.params);
    expect(names.filter((name) => /PROXY|X_B|AUTHORIZATION|CONTENT_LENGTH|^PATH$/.test(name))).toEqual([]);
  });

  test('has the part of the path that a mount has taken in its name', async () => {
    const php = fastcgi({ socket: responder.socket, root: folder.path });
    await clientOf(mount('/php', php)).get('/php/a.php/x');
    expect(responder.last.params).toMatchObject({ SCRIPT_NAME: '/php/a.php', PATH_INFO: '/x' });
  });

  test('sees the user whom the application has found, and credentials where it is to check them itself', async () => {
    const headers = { Authorization: 'Basic YTpi' };
    await client({ passAuthorization: true }).get('/a.php', { user: 'smith', headers });
    expect(responder.last.params).toMatchObject({ REMOTE_USER: 'smith', HTTP_AUTHORIZATION: 'Basic YTpi' });
  });

  test.each([
    ['an async function', async () => Promise.resolve('anna')],
    ['a number', () => 4],
    ['a text with NUL', () => 'a\0b'],
  ])('never has %s as its user', async (_what, remoteUser) => {
    expect((await client({ remoteUser: remoteUser as never }).get('/a.php')).status).toBe(500);
    expect(responder.requests).toEqual([]);
  });

  test('has a value of any length', async () => {
    await client().get(`/a.php?${'x'.repeat(3000)}`);
    expect(responder.last.params['QUERY_STRING']).toBe('x'.repeat(3000));
    await client({ params: { BIG: 'ä'.repeat(100_000) } }).get('/a.php');
    expect(responder.last.params['BIG']).toBe('ä'.repeat(100_000));
  });

  test('may be where the server has it', async () => {
    await client({ remoteRoot: '/srv/site/' }).get('/a.php/b');
    expect(responder.last.params).toMatchObject({
      SCRIPT_FILENAME: '/srv/site/a.php',
      DOCUMENT_ROOT: '/srv/site',
      PATH_TRANSLATED: '/srv/site/b',
    });
  });

  test('may be one for all paths', async () => {
    await clientOf(fastcgi({ socket: responder.socket, script: '/srv/app.php' })).get('/people/%61?b');
    expect(responder.last.params).toMatchObject({
      SCRIPT_FILENAME: '/srv/app.php',
      SCRIPT_NAME: '',
      PATH_INFO: '/people/a',
    });
  });
});

describe('the body of a request', () => {
  test('is what its script reads, with its length', async () => {
    await client().post('/a.php', { data: 'abc', headers: { 'Content-Type': 'a/b' } });
    expect([responder.last.input, responder.last.params]).toMatchObject([
      'abc',
      { CONTENT_LENGTH: '3', CONTENT_TYPE: 'a/b' },
    ]);
  });

  test('may be longer than a record', async () => {
    const data = Buffer.alloc(200_000, 'abc');
    await client().post('/a.php', { data });
    expect(responder.last.input).toBe(data.toString());
  });

  test('in chunks waits until its length is known', async () => {
    await client().post('/a.php', { body: ['abc', 'def'] });
    expect([responder.last.input, responder.last.params['CONTENT_LENGTH']]).toEqual(['abcdef', '6']);
  });

  test.each([
    ['has a length', { data: 'abcd' }],
    ['comes in chunks', { body: ['ab', 'cd'] }],
  ])('that is too long is 413, where it %s', async (_, init) => {
    expect((await client({ maxBody: 3 }).post('/a.php', init)).status).toBe(413);
    expect((await client({ maxBody: 4 }).post('/a.php', init)).status).toBe(200);
  });

  test('need not be read', async () => {
    responder.begun = (incoming) => {
      incoming.answer('done');
    };
    const data = Buffer.alloc(1_000_000);
    expect(await statusAndText(client().post('/a.php', { data }))).toEqual([200, 'done']);
    expect(await statusAndText(client().post('/a.php', { body: [data] }))).toEqual([200, 'done']);
  });
});

describe('an answer', () => {
  test('has the status, the type and the fields that its script says', async () => {
    const response = await answerOf((incoming) => {
      incoming.answer('hello', 'Status: 404 Nope\nContent-Type: a/b\nSet-Cookie: a=1\nSet-Cookie: b=2\n');
    });
    expect([response.status, await response.text()]).toEqual([404, 'hello']);
    expect(response.headers.get('content-type')).toBe('a/b');
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
  });

  const WHOLE = Buffer.concat([rawRecord(6, `${HEAD}hello`), rawRecord(6), rawEnd()]);

  test.each<[string, readonly Buffer[]]>([
    ['byte by byte', [...WHOLE].map((byte) => Buffer.from([byte]))],
    ['at once', [WHOLE]],
  ])('may come %s', async (_, pieces) => {
    const answer = answerOf(({ socket }) => {
      socket.setNoDelay();
      for (const piece of pieces) socket.write(piece);
    });
    expect(await statusAndText(answer)).toEqual([200, 'hello']);
  });

  test.each<[string, readonly Buffer[]]>([
    ['padding', [rawRecord(6, HEAD, { padding: 255 }), rawRecord(6, 'hello', { padding: 3 })]],
    ['records of types that are not known', [rawRecord(6, HEAD), rawRecord(99, 'x'), rawRecord(6, 'hello')]],
    ['records of other requests', [rawRecord(6, HEAD), rawRecord(6, 'x', { id: 2 }), rawRecord(6, 'hello')]],
    ['records of the connection', [rawRecord(10, 'x', { id: 0 }), rawRecord(6, `${HEAD}hello`)]],
    ['a record for each byte', `${HEAD}hello`.split('').map((letter) => rawRecord(6, letter))],
  ])('may have %s', async (_, records) => {
    expect(await statusAndText(answerOfBytes(...records, rawEnd()))).toEqual([200, 'hello']);
  });

  test('may be longer than what is kept of it', async () => {
    const piece = 'x'.repeat(50_000);
    const response = await answerOf((incoming) => {
      incoming.out(HEAD);
      for (let i = 0; i < 20; i++) incoming.out(piece);
      incoming.end();
    });
    await sleep(5);
    expect((await response.text()).length).toBe(1_000_000);
  });

  test('that its script calls a failure is complete, whatever code that ends with', async () => {
    const answer = answerOf((incoming) => {
      incoming.out('Status: 500 Oh\nContent-Type: text/plain\n\nbroken').end(255);
    });
    expect(await statusAndText(answer)).toEqual([500, 'broken']);
  });

  test('is cut, never ended, where its script fails or its connection ends', async () => {
    const failed = await answerOf((incoming) => {
      incoming.out(`${HEAD}part`);
      setTimeout(() => {
        incoming.end(255);
      }, 5);
    });
    await expect(failed.text()).rejects.toThrow('a document, and ended with code 255');
    const lost = await answerOf((incoming) => {
      incoming.out(`${HEAD}part`);
      setTimeout(() => {
        incoming.socket.destroy();
      }, 5);
    });
    await expect(lost.text()).rejects.toThrow('a part of an answer, and ended the connection');
  });

  test.each([
    ['a code of its program', rawEnd(1), 'a document, and ended with code 1'],
    ['a code below zero', rawEnd(-1), 'a document, and ended with code -1'],
    ['CANT_MPX_CONN', rawEnd(0, 1), 'no answer, but FCGI_CANT_MPX_CONN'],
    ['OVERLOADED', rawEnd(0, 2), 'no answer, but FCGI_OVERLOADED'],
    ['UNKNOWN_ROLE', rawEnd(0, 3), 'no answer, but FCGI_UNKNOWN_ROLE'],
    ['a status that is none', rawEnd(0, 200), 'the status 200'],
  ])('is cut where its end says, behind the head, %s', async (_, end, message) => {
    const response = await answerOf((incoming) => {
      incoming.out(`${HEAD}part`);
      setTimeout(() => incoming.socket.write(end), 5);
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(message);
  });

  test('of the length that its script has said is whole, whatever its end says', async () => {
    const answer = answerOf((incoming) => {
      incoming.out('Content-Type: text/plain\nContent-Length: 5\n\nhello').end(255);
    });
    expect(await statusAndText(answer)).toEqual([200, 'hello']);
  });

  test.each([
    ['Location: http://other.test/', 302, 'http://other.test/'],
    ['Status: 303\nLocation: /x', 303, '/x'],
  ])('%j is a redirect for the client', async (fields, status, location) => {
    const response = await answerOf((incoming) => {
      incoming.out(`${fields}\n\n`).end();
    });
    expect([response.status, response.headers.get('location')]).toEqual([status, location]);
  });

  test('is that of another path where its script says so', async () => {
    responder.answer = (incoming) => {
      if (incoming.params['QUERY_STRING'] === '') incoming.out('Location: /a.php?b\n\n').end();
      else incoming.answer(`${String(incoming.params['REQUEST_METHOD'])} ${incoming.input}`);
    };
    expect(await statusAndText(client().post('/a.php', { data: 'abc' }))).toEqual([200, 'GET ']);
  });

  test('to HEAD has no content', async () => {
    responder.answer = (incoming) => {
      incoming.answer('hello', 'Content-Type: text/plain\nContent-Length: 5\n');
    };
    const response = await client().head('/a.php');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '5',
      '',
    ]);
  });

  test('comes with what its script has to say, in the log', async () => {
    await answerOf((incoming) => {
      incoming.err('first\nsec').out(HEAD).err('ond\x1b[31m\nthird').end();
    });
    expect(logger.warnings).toEqual([
      'GET /a.php: first',
      expect.stringMatching(/^GET \/a.php: second/),
      'GET /a.php: third',
    ]);
    expect(logger.warnings.join('')).not.toContain('\x1b');
  });

  test('leaves no more than 64 KiB in the log', async () => {
    const line = `${'x'.repeat(99)}\n`;
    await answerOf((incoming) => {
      for (let i = 0; i < 2000; i++) incoming.err(line);
      incoming.answer('');
    });
    expect(logger.warnings.at(-1)).toBe('GET /a.php: … and more, which is left out');
    expect(logger.warnings.length).toBeLessThan(660);
  });
});

describe('no answer', () => {
  const HTTP = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');

  test.each<[status: number, what: string, bytes: readonly Buffer[], message: string]>([
    [502, 'nothing', [], 'no answer, and ended the connection'],
    [502, 'a part', [rawRecord(6, 'Content-Type: a/b\n')], 'a part of an answer, and ended the connection'],
    [502, 'half a record', [rawRecord(6, HEAD).subarray(0, 12)], 'no answer, and ended the connection'],
    [502, 'no output', [rawEnd()], 'no output, and ended with code 0'],
    [502, 'no output of a script that failed', [rawEnd(3)], 'no output, and ended with code 3'],
    [502, 'no header', [rawRecord(6, 'hello\n\n'), rawEnd()], 'the line "hello" in its header'],
    [502, 'no type', [rawRecord(6, 'Status: 200\n\nhello'), rawEnd()], 'a document without Content-Type'],
    [502, 'a long header', [rawRecord(6, `X-A: ${'x'.repeat(20_000)}`)], 'a header longer than 16384 bytes'],
    [502, 'a failure', [rawRecord(6, HEAD), rawEnd(1)], 'a document, and ended with code 1'],
    [502, 'another protocol', [HTTP], 'no FastCGI 1: it begins with "HTTP/1.1 400 Bad Req"'],
    [502, 'a malformed end', [rawRecord(6, HEAD), rawRecord(3, 'abcd')], 'a malformed END_REQUEST'],
    [502, 'an unknown end', [rawEnd(0, 9)], 'the status 9'],
    [503, 'CANT_MPX_CONN', [rawEnd(0, 1)], 'no answer, but FCGI_CANT_MPX_CONN'],
    [503, 'OVERLOADED', [rawEnd(0, 2)], 'no answer, but FCGI_OVERLOADED'],
    [502, 'UNKNOWN_ROLE', [rawEnd(0, 3)], 'no answer, but FCGI_UNKNOWN_ROLE'],
  ])('is %d: %s', async (status, _, bytes, message) => {
    const response = await answerOfBytes(...bytes);
    expect([response.status, response.headers.get('retry-after')]).toEqual([
      status,
      status === 503 ? '1' : undefined,
    ]);
    expect(logger.errors).toEqual([`GET /a.php: ${folder.path}/a.php gave ${message}`]);
    expect(await response.text()).not.toContain(folder.path);
  });

  test('is 502 where nothing listens', async () => {
    expect((await client({ socket: `${folder.path}/none` }).get('/a.php')).status).toBe(502);
    const error = `no connection: connect ENOENT ${folder.path}/none`;
    expect(logger.errors).toEqual([`GET /a.php: ${folder.path}/a.php gave ${error}`]);
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    const refused = clientOf(fastcgi({ port, root: folder.path }));
    expect((await refused.post('/a.php', { data: 'a' })).status).toBe(502);
    expect(logger.errors.at(-1)).toContain('ECONNREFUSED');
  });

  test.each<[string, FastcgiOptions, Answering]>([
    ['gives nothing', { startTimeout: 20 }, () => undefined],
    ['gives no whole header', { idleTimeout: 20 }, (incoming) => incoming.out('A: b\n')],
    ['gives no document', { idleTimeout: 20 }, (incoming) => incoming.out(HEAD)],
    ['takes too long', { timeout: 20 }, (incoming) => incoming.out(HEAD).err('x')],
  ])('in time of a script that %s is 504, and its request is aborted', async (_, options, answer) => {
    expect((await answerOf(answer, options)).status).toBe(504);
    expect(logger.errors).toEqual([`GET /a.php: ${folder.path}/a.php gave nothing in time`]);
    while (responder.sockets.size > 0) await sleep(1);
    expect(responder.last.isAborted).toBe(true);
  });

  test('in time where no connection comes to stand is 504', async () => {
    // An address for documentation (RFC 5737), from which nothing ever comes; where it cannot be reached it is 502.
    const { status } = await clientOf(
      fastcgi({ host: '192.0.2.1', port: 9, script: '/a.php', connectTimeout: 20 }),
    ).get('/');
    expect([502, 504]).toContain(status);
  });
});

describe('connections', () => {
  test('are used again', async () => {
    const site = client();
    for (let i = 0; i < 3; i++) expect((await site.get('/a.php')).status).toBe(200);
    expect([responder.connections, responder.last.flags]).toEqual([1, 1]);
  });

  test('are not kept where that is not wanted', async () => {
    const site = client({ keptConnections: 0 });
    for (let i = 0; i < 2; i++) await site.get('/a.php');
    expect([responder.connections, responder.last.flags]).toEqual([2, 0]);
    while (responder.sockets.size > 0) await sleep(1);
  });

  test('end when they are not used for their time', async () => {
    await client({ keepTimeout: 10 }).get('/a.php');
    expect(responder.connections).toBe(1);
    while (responder.sockets.size > 0) await sleep(1);
  });

  test('are kept up to a number', async () => {
    const site = client({ keptConnections: 1 });
    const waiting: Incoming[] = [];
    responder.answer = (incoming) => {
      waiting.push(incoming.out(HEAD));
    };
    const asked = Array.from({ length: 3 }, () => site.get('/a.php'));
    while (waiting.length < 3) await sleep(1);
    // By now none of them waits for a process of the server.
    await sleep(5);
    for (const incoming of waiting) incoming.end();
    await Promise.all(asked);
    while (responder.sockets.size > 1) await sleep(1);
    expect(responder.connections).toBe(3);
  });

  test('are not used again after more than an answer', async () => {
    const site = client();
    responder.answer = (incoming) => {
      incoming.send(rawRecord(6, `${HEAD}own`), rawEnd(), rawRecord(6, `${HEAD}other`));
    };
    for (let i = 0; i < 2; i++) expect(await statusAndText(site.get('/a.php'))).toEqual([200, 'own']);
    expect(responder.connections).toBe(2);
  });

  test('that bring something without a request end', async () => {
    const site = client();
    await site.get('/a.php');
    responder.last.send(rawRecord(6, 'late'));
    while (responder.sockets.size > 0) await sleep(1);
    expect((await site.get('/a.php')).status).toBe(200);
    expect(responder.connections).toBe(2);
  });

  test('that are gone are not noticed: a request without a body is sent again', async () => {
    const site = client();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      responder.answer = (incoming) => {
        incoming.answer('');
      };
      await site.get('/a.php');
      // At once, so that the client cannot know when it sends the next one.
      responder.answer = (incoming) => {
        if (incoming.socket === responder.requests.at(-2)?.socket) incoming.socket.destroy();
        else incoming.answer('');
      };
      expect((await site.request('/a.php', { method })).status).toBe(200);
    }
    expect(logger.errors).toEqual([]);
  });

  test('are new for a request that may not be sent twice, in place of a kept one', async () => {
    const site = client();
    await site.get('/a.php');
    await site.post('/a.php', { data: 'a' });
    await site.request('/a.php', { method: 'PUT', data: 'a' });
    await site.post('/a.php');
    expect(responder.connections).toBe(4);
    while (responder.sockets.size > 1) await sleep(1);
  });

  test('that were new are not tried twice', async () => {
    expect((await answerOf(({ socket }) => socket.destroy())).status).toBe(502);
    expect(responder.requests).toHaveLength(1);
  });

  test('are not kept while a new one waits for a process of the server', async () => {
    const site = client();
    // One process, which turns to the next connection when it has come to the end of one.
    const queue: (() => void)[] = [];
    let busy: unknown;
    responder.answer = (incoming) => {
      const serve = (): void => {
        busy = incoming.socket;
        incoming.socket.once('close', () => {
          busy = undefined;
          queue.shift()?.();
        });
        incoming.answer('done');
      };
      if (busy === undefined || busy === incoming.socket) serve();
      else queue.push(serve);
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => statusAndText(site.get('/a.php'))));
    expect(all).toEqual(Array(10).fill([200, 'done']));
  });

  test('are as many as are wanted; others wait, and one too many is 503', async () => {
    const site = client({ connections: 2, queue: 1 });
    const held: (() => void)[] = [];
    responder.answer = (incoming) => {
      held.push(() => {
        incoming.answer('');
      });
    };
    const asked = Array.from({ length: 4 }, () => site.get('/a.php'));
    while (held.length < 2) await sleep(1);
    expect(responder.requests).toHaveLength(2);
    responder.answer = (incoming) => {
      incoming.answer('');
    };
    for (const answer of held) answer();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 503]);
  });

  test('may be those of TCP', async () => {
    const server = createServer((socket) => {
      socket.on('data', () => socket.end(Buffer.concat([rawRecord(6, `${HEAD}tcp`), rawEnd()])));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const site = clientOf(fastcgi({ host: 'localhost', port, root: folder.path }));
    expect(await statusAndText(site.get('/a.php'))).toEqual([200, 'tcp']);
    server.close();
  });
});

describe('which script is run', () => {
  const next: Handler = (request) => makeResponse(`next ${request.path}`);

  beforeEach(() => {
    for (const name of ['index.php', 'sub/index.php', 'sub/c.php', '.hidden/e.php', 'x.jpg', 'plain/a.txt'])
      folder.file(name, 'SECRET');
    for (const name of [
      'd.PHP',
      'e.php.bak',
      'f.php~',
      'g.phtml',
      'h.inc',
      'i.phar',
      'j.PHPS',
      'k.php5',
      'l.pht',
      'm.php-old',
    ])
      folder.file(name, 'SECRET');
    symlinkSync('a.php', join(folder.path, 'link.txt'));
    symlinkSync('/etc/passwd', join(folder.path, 'out.php'));
    folder.script('open.php', '', 0o666);
    responder.answer = ({ params }) => {
      responder.last.answer(`${String(params['SCRIPT_NAME'])} ${String(params['PATH_INFO'])}`);
    };
  });

  function site(options: FastcgiOptions = {}): TestClient {
    const php = fastcgi({ socket: responder.socket, root: folder.path, ...options });
    return clientOf((request) => php(request, next));
  }

  test.each([
    ['/a.php', '/a.php '],
    ['/a.php/b/c.php', '/a.php /b/c.php'],
    ['/sub/c.php/', '/sub/c.php /'],
    ['/', '/index.php '],
    ['/?a', '/index.php '],
    ['/sub/', '/sub/index.php '],
    ['/sub', '308'],
    ['/plain/', 'next /plain/'],
    ['/plain', 'next /plain'],
    ['/x.jpg', 'next /x.jpg'],
    ['/x.jpg/.php', 'next /x.jpg/.php'],
    ['/x.jpg/a.php', 'next /x.jpg/a.php'],
    ['/x.jpg%00.php', '400'],
    ['/x.jpg%2F.php', '404'],
    ['/plain/a.txt/b.php', 'next /plain/a.txt/b.php'],
    ['/none.php', '404'],
    ['/none.php/x', '404'],
    ['/none', 'next /none'],
    ['/.hidden/e.php', '404'],
    ['/a.php.', 'next /a.php.'],
    ['/a.PHP', '404'],
    ['/d.PHP', '404'],
    ['/e.php.bak', '404'],
    ['/f.php~', '404'],
    ['/g.phtml', '404'],
    ['/h.inc', '404'],
    ['/i.phar', '404'],
    ['/j.PHPS', '404'],
    ['/k.php5', '404'],
    ['/l.pht', '404'],
    ['/m.php-old', '404'],
    ['/link.txt', '404'],
    ['/out.php', '404'],
    ['/open.php', '403'],
    ['//a.php', '404'],
    ['/sub%2Fc.php', '404'],
    ['/sub%5Cc.php', '404'],
    ['/%2e%2e/a.php', '400'],
  ])('%s is answered by %j', async (target, answer) => {
    const response = await site().get(target);
    const text = response.status === 200 ? await response.text() : String(response.status);
    expect(text).toBe(answer);
  });

  test('is one of the endings that are given', async () => {
    folder.file('b.fcgi', '');
    expect(await statusAndText(site({ extensions: ['.fcgi'] }).get('/b.fcgi/x'))).toEqual([
      200,
      '/b.fcgi /x',
    ]);
    expect(await statusAndText(site({ extensions: ['.fcgi'] }).get('/a.php'))).toEqual([200, 'next /a.php']);
  });

  test('answers for its folder where it is named so', async () => {
    const named = site({ index: ['none.php', 'c.php', 'index.php'] });
    expect(await statusAndText(named.get('/sub/'))).toEqual([200, '/sub/c.php ']);
    expect(await statusAndText(site({ index: [] }).get('/sub/'))).toEqual([200, 'next /sub/']);
    const { headers } = await named.get('/sub?a=b');
    expect(headers.get('location')).toBe('/sub/?a=b');
  });

  test('is none where there is no next handler', async () => {
    expect((await client().get('/plain/')).status).toBe(404);
  });
});

describe('a client that leaves', () => {
  test('ends what runs for it', async () => {
    const { server, port } = await serve(fastcgi({ socket: responder.socket, root: folder.path }), {
      drainTimeout: 50,
    });
    for (const answer of [
      () => undefined,
      (incoming: { out(text: string): unknown }) => incoming.out(`${HEAD}x`),
    ]) {
      responder.answer = answer;
      const { length } = responder.requests;
      const raw = await RawClient.connect(port);
      raw.request('GET /a.php');
      while (responder.requests.length === length) await sleep(1);
      if (answer.length > 0) await raw.until((text) => text.includes('text/plain'));
      raw.destroy();
      while (responder.sockets.size > 0) await sleep(1);
      expect(responder.last.isAborted).toBe(true);
    }
    await server.close();
  });

  test('in the middle of its body ends it, too', async () => {
    const { server, port } = await serve(fastcgi({ socket: responder.socket, root: folder.path }), {
      drainTimeout: 50,
    });
    const raw = await RawClient.connect(port);
    raw.request('POST /a.php', ['Content-Length: 100000'], 'x'.repeat(50_000));
    while (responder.requests.length === 0) await sleep(1);
    raw.destroy();
    while (responder.sockets.size > 0) await sleep(1);
    await server.close();
  });
});

test('a mistake is what does not fit', () => {
  const socket = '/run/s';
  const mistakes: [FastcgiOptions, string][] = [
    [{}, 'fastcgi: it has no server; give socket: "/run/php/php-fpm.sock", or port: 9000.'],
    [{ socket, port: 1 }, 'fastcgi: it has two servers; leave out socket or port.'],
    [{ socket, root: '/no/such' }, 'fastcgi: "/no/such" is no directory.'],
    [
      { socket, root: '/', script: '/a' },
      'fastcgi: it has a folder and one script; leave out root or script.',
    ],
    [{ socket, remoteRoot: '/a' }, 'fastcgi: remoteRoot is where the server has root, which is missing.'],
    [
      { socket, root: '/', remoteRoot: 'a' },
      'fastcgi.remoteRoot: "a" is not a path from the root, such as "/srv/site".',
    ],
    [
      { socket, root: '/', extensions: ['php'] },
      'fastcgi.extensions[0]: "php" is not the ending of a file name, such as ".cgi".',
    ],
    [
      { socket, root: '/', index: ['index.html'] },
      'fastcgi.index: "index.html" has the ending of no script; other files are for the handler behind.',
    ],
    [
      { socket, params: { 'A-B': 'c' } },
      'fastcgi.params: [Object] is not a table of variables, such as { LANG: "C.UTF-8" }.',
    ],
    [{ socket, host: 'a' }, 'fastcgi: a socket has no host; leave out one of them.'],
    [
      { socket, script: '/a.php', index: ['a.php'] },
      'fastcgi: index is for the scripts of a folder, and there is no root.',
    ],
    [
      { socket, followSymlinks: false },
      'fastcgi: followSymlinks is for the scripts of a folder, and there is no root.',
    ],
    [
      { socket, root: new URL('https://example.org/') },
      'fastcgi.root: URL {} is not a path, or a URL of a file.',
    ],
    [{ port: 0 }, 'fastcgi.port: 0 is not a whole number, 1 to 65535.'],
  ];
  for (const [options, message] of mistakes)
    expect(() => fastcgi(options)).toThrow(developerError('E_SETTING', message));
  for (const wrong of ['', 'unix:/run/s', 'tcp://127.0.0.1:9000', '127.0.0.1:9000', 'a\0b'])
    expect(() => fastcgi({ socket: wrong })).toThrow('is not the path of a Unix socket');
  for (const wrong of ['', 'localhost:9000', 'a b', 'http://a', '10.0.0.1:80'])
    expect(() => fastcgi({ host: wrong, port: 1 })).toThrow('is not the name or address of a host');
  for (const host of ['localhost', '::1', 'fe80::1%eth0', '10.0.0.1'])
    expect(() => fastcgi({ host, port: 1 })).not.toThrow();
  expect(() => fastcgi({ socket: `/${'x'.repeat(200)}` })).toThrow('of at most 103 bytes');
});

/** One line for each request that Obol refuses: where, which status, and why. */
import { describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  ErrorHandler,
  Form,
  Get,
  HttpError,
  HttpState,
  Json,
  Post,
  Put,
  reply,
  type BootstrapOptions,
  type Request,
} from 'obol';
import { BaseHandler } from 'obol/base-handler';
import { csrf } from 'obol/csrf';
import { request, TestClient } from 'obol/testing';
import { requestName } from '../../src/answering/request-lines.js';
import { start } from '../support/client.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';

@Controller()
class RefusingController {
  @Get('/') index() {
    return 'hello';
  }
  @Post('/json') @Json({ limit: 8 }) json(req: Request) {
    return { got: req.json };
  }
  @Post('/form') @Form({ urlencodedSize: 8 }) form() {
    return 'read';
  }
  @Post('/by-hand') async byHand(req: Request) {
    return { read: (await req.readBytes(4)).length };
  }
  @Post('/upload') async upload(req: Request) {
    return { fields: (await req.readForm()).size };
  }
  @Put('/whole') whole() {
    return 'put';
  }
  @Get('/own') own(): never {
    throw new HttpError(403, 'Not on Sundays');
  }
  @Get('/missing') missing(): never {
    throw new HttpError(404, 'No such person');
  }
  @Get('/away') away(): never {
    throw new HttpError(503, 'Later');
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function linesOf(path: string, sent: Sent, options: Omit<BootstrapOptions, 'controllers'> = {}) {
  const { client, logger } = await start(RefusingController, options);
  const { status } = await client.request(path, sent);
  const { notes, errors, warnings, fields } = logger;
  return { status, lines: [...errors, ...warnings, ...notes], fields };
}

describe('a refusal is one line with method, path, route, status and reason', () => {
  test.each<[string, Sent, number, string]>([
    [
      '/json',
      { method: 'POST', headers: JSON_TYPE, body: '{' },
      400,
      'POST /json (RefusingController.json): 400 The body is not valid JSON',
    ],
    [
      '/json',
      { method: 'POST', headers: JSON_TYPE, body: '"123456789"' },
      413,
      'POST /json (RefusingController.json): 413 ',
    ],
    [
      '/upload',
      { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' },
      415,
      'POST /upload (RefusingController.upload): 415 ',
    ],
    [
      '/form',
      { method: 'POST', headers: { 'Content-Type': 'multipart/form-data' }, body: 'x' },
      400,
      'POST /form (RefusingController.form): 400 ',
    ],
    [
      '/by-hand?token=secret',
      { method: 'POST', body: '12345' },
      413,
      'POST /by-hand (RefusingController.byHand): 413 ',
    ],
    [
      '/whole',
      { method: 'PUT', headers: { 'Content-Range': 'bytes 0-0/2' }, body: 'x' },
      400,
      'PUT /whole (RefusingController.whole): 400 Only the whole',
    ],
    ['/own', {}, 403, 'GET /own (RefusingController.own): 403 Not on Sundays'],
    ['/%zz', {}, 400, 'GET /%zz: 400 The request target is malformed'],
  ])('%s %j: %d', async (path, sent, status, line) => {
    const result = await linesOf(path, sent);
    expect(result).toMatchObject({ status, lines: [expect.stringContaining(line)] });
    expect(result.fields).toEqual([expect.objectContaining({ status })]);
    expect(result.lines.join()).not.toContain('secret');
  });

  test('of a forged request, with what was seen and what to do', async () => {
    const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    const sent = { method: 'POST', headers, body: 'x' };
    expect(await linesOf('/json', sent, { middleware: [csrf()] })).toMatchObject({
      status: 403,
      lines: [
        expect.stringMatching(
          /^POST \/json: 403 This request came from another site.* Sec-Fetch-Site: "cross-site", Origin: "https:\/\/evil\.example".* trustedOrigins/,
        ),
      ],
    });
  });

  test('in one line, whatever the client has sent', async () => {
    const headers = { Origin: 'null\u009b2J', 'Sec-Fetch-Site': 'cross-site', 'X-Long': 'x' };
    const { lines } = await linesOf(
      '/json',
      { method: 'POST', headers, body: 'x' },
      { middleware: [csrf()] },
    );
    expect(lines).toEqual([expect.stringMatching(/^[^\p{Cc}]*$/u)]);
  });

  test('whatever handler answers it, once', async () => {
    @Controller()
    class Handling {
      @Post('/') add() {
        return 'added';
      }
      @ErrorHandler(HttpError) again(_req: Request, error: HttpError): never {
        throw error;
      }
      @HttpState(400) state(_req: Request, error: HttpError) {
        return reply(error.message, 'text/plain');
      }
    }
    const { client, logger } = await start(Handling);
    const response = await client.post('/', { headers: JSON_TYPE, body: '{' });
    expect([response.status, await response.text()]).toEqual([400, 'The body is not valid JSON']);
    expect(logger.notes).toEqual(['POST / (Handling.add): 400 The body is not valid JSON']);
  });

  test('also of a handler that is no application', async () => {
    const logger = collectingLogger();
    class Refusing extends BaseHandler {
      override readonly logger = logger;
      doGET(): never {
        throw new HttpError(403, 'no');
      }
    }
    await new TestClient(new Refusing().handle).get('/x');
    expect(logger.notes).toEqual(['GET /x: 403 no']);
  });
});

test.each([
  ['/missing', 404, 'GET /missing (RefusingController.missing): 404 No such person'],
  ['/none', 404, undefined],
])('what is part of how clients talk is for debugging only: %s', async (path, status, line) => {
  const { client, logger } = await start(RefusingController);
  expect((await client.get(path)).status).toBe(status);
  expect([logger.notes, logger.errors]).toEqual([[], []]);
  if (line !== undefined) expect(logger.details).toEqual([line]);
});

test('what the server cannot do is no refusal', async () => {
  expect(await linesOf('/away', {})).toEqual({ status: 503, lines: [], fields: [] });
});

test('a crash is one line with the error itself and the route', async () => {
  const error = new Error('secret');
  const { client, logger } = await start(RefusingController, {
    features: [{ routes: [{ path: '/crash', handler: () => Promise.reject(error) }] }],
  });
  await client.get('/crash?token=1');
  expect(logger.fields).toEqual([{ err: error, route: expect.any(String) }]);
  expect(logger.errors).toEqual([expect.stringMatching(/^GET \/crash \(handler\): Error: secret/)]);
});

test('a crash by nothing at all says so', async () => {
  const thrower = (): never => {
    // oxlint-disable-next-line typescript/only-throw-error -- what JavaScript allows
    throw undefined;
  };
  const { client, logger } = await start(RefusingController, {
    features: [{ routes: [{ path: '/crash', handler: thrower }] }],
  });
  await client.get('/crash');
  expect(logger.errors).toEqual([expect.stringMatching(/^GET \/crash \(.*\): thrown undefined/)]);
});

test.each([
  ['GET', '/a?b=c', 'GET /a'],
  ['GET', '*', 'GET *'],
  ['GET', 'http://user:pass@host/a?b', 'GET http://host/a'],
  ['GET', `/${'a'.repeat(300)}`, `GET /${'a'.repeat(255)}`],
  ['X'.repeat(40), '/', `${'X'.repeat(32)} /`],
])('a request %s %s is called %s', (method, target, name) => {
  const head = Object.defineProperties(request('/'), {
    method: { value: method },
    target: { value: target },
  });
  expect(requestName(head)).toBe(name);
});

test('what a server refuses before any handler is asked is one line of the log that it was given', async () => {
  const [logger, others] = [collectingLogger(), collectingLogger()];
  const app = await bootstrap({ controllers: [RefusingController], logger: others });
  const server = await app.listen({ port: 0, signals: false, logger, drainLinger: 0 });
  const rows = [
    ['GET / HTTP/1.1\r\n\r\n', 'GET /: 400 '],
    ['GET /?secret=1 HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n', 'GET /: 417 The only expectation'],
    ['GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /\\x01: 400 The request is malformed'],
    ['CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', undefined],
  ] as const;
  for (const [head] of rows) {
    const client = await RawClient.connect(server.port);
    client.send(head);
    await client.closed;
  }
  await server.close();
  expect(logger.notes).toEqual(rows.flatMap(([, line]) => (line ? [expect.stringContaining(line)] : [])));
});

test('a server that was given no log has that of its application', async () => {
  const logger = collectingLogger();
  const app = await bootstrap({ controllers: [RefusingController], logger });
  const server = await app.listen({ port: 0, signals: false, drainLinger: 0 });
  const client = await RawClient.connect(server.port);
  client.send('GET / HTTP/1.1\r\n\r\n');
  await client.closed;
  await app.close();
  expect(logger.notes).toEqual([expect.stringContaining('GET /: 400 ')]);
});

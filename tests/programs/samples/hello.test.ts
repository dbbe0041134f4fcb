/** The samples as their readers start them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';
import { RawClient } from '../../support/raw-client.js';

describe('samples/hello', () => {
  let program: Program;
  let port: number;

  beforeAll(async () => {
    program = new Program(['samples/run.mjs', 'hello'], { PORT: '0' });
    const [, printed] = await program.prints(/Listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
    port = Number(printed);
  });

  afterAll(async () => {
    // The runner passes the signal on to the sample; a SIGKILL would leave that one behind.
    program.process.kill('SIGTERM');
    await program.exited;
  });

  const HTML = 'text/html; charset=utf-8';
  const TEXT = 'text/plain; charset=utf-8';
  const LINES = 'line 0\nline 1\nline 2\nline 3\nline 4\n';

  /** Method and path, status, type, content. */
  const answers: [string, number, string | undefined, string | RegExp][] = [
    [
      'GET /',
      200,
      HTML,
      /<h1>Hello, world!<\/h1>\n<p>Obol is running. Edit <code>samples\/hello\/main.ts<\/code>/,
    ],
    ['GET /bytes', 200, HTML, 'Hello, bytes!'],
    ['GET /json', 200, 'application/json', '{"hello":"world"}'],
    ['GET /archive-2026-01', 200, 'application/json', '{"year":"2026","month":"01"}'],
    ['GET /archive-2026', 200, 'application/json', '{"year":"2026","month":"all"}'],
    ['GET /list', 200, 'application/json', '["hello","world"]'],
    ['GET /none', 204, undefined, ''],
    ['GET /stream', 200, HTML, LINES],
    ['GET /async-stream', 200, HTML, LINES],
    ['GET /reply', 201, TEXT, 'Hello, reply!'],
    ['GET /user/smith', 200, TEXT, 'Hello, smith!'],
    ['GET /user/J%C3%BCrgen%20S.', 200, TEXT, 'Hello, Jürgen S.!'],
    ['GET /smith/42', 200, 'application/json', '{"surname":"smith","age":42}'],
    ['GET /hex/1F', 200, 'application/json', '{"hex":"1F","decimal":31}'],
    ['GET /link', 200, TEXT, '/smith/42'],
    ['GET /boom', 400, TEXT, 'Boom: the handler threw this'],
    ['GET /teapot', 418, TEXT, "I'm a teapot"],
    ['GET /injected', 200, TEXT, 'Hello, injection!'],
    ['GET /nowhere', 404, 'application/json', '{"missing":"/nowhere"}'],
    ['GET /smith/old', 404, 'application/json', '{"missing":"/smith/old"}'],
    ['GET /hex/xyz', 404, 'application/json', '{"missing":"/hex/xyz"}'],
    ['HEAD /json', 200, 'application/json', ''],
  ];

  async function ask(line: string, fields: string[] = [], body = ''): ReturnType<RawClient['response']> {
    const client = await RawClient.connect(port);
    const response = await client.request(line, fields, body).response(line.split(' ')[0]);
    client.destroy();
    return response;
  }

  test.each(answers)('%s answers %i', async (line, status, type, content) => {
    const response = await ask(line);
    expect([response.status, response.header('content-type'), response.complete]).toEqual([
      status,
      type,
      true,
    ]);
    if (typeof content === 'string') expect(response.text).toBe(content);
    else expect(response.text).toMatch(content);
  });

  test('GET /reply sends its header', async () => {
    expect((await ask('GET /reply')).header('x-attribute')).toBe('hello world');
  });

  test('GET /old redirects to /', async () => {
    const response = await ask('GET /old');
    expect([response.status, response.header('location')]).toEqual([302, '/']);
  });

  test.each([
    ['GET /gone', 410],
    ['GET /broken', 500],
  ])('%s answers a problem with %i', async (line, status) => {
    const response = await ask(line);
    expect([response.status, response.header('content-type')]).toEqual([status, 'application/problem+json']);
    expect(response.text).not.toContain('no handler takes this');
  });

  test('GET /broken is logged', async () => {
    await ask('GET /broken');
    await program.prints(/GET \/broken \(HelloController\.broken\)/);
  });

  test('GET /decline closes the connection without an answer', async () => {
    const client = await RawClient.connect(port);
    client.request('GET /decline');
    await client.closed;
    expect(client.pending).toBe('');
  });

  test('POST /echo answers the JSON it got', async () => {
    const body = '{"a":[1,"ž",null]}';
    const fields = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    const client = await RawClient.connect(port);
    client.send(Buffer.from(['POST /echo HTTP/1.1', 'Host: a', ...fields, '', body].join('\r\n')));
    expect((await client.response()).text).toBe(body);
    client.destroy();
  });

  test('POST /json is not allowed', async () => {
    const response = await ask('POST /json', ['Content-Length: 0']);
    expect([response.status, response.header('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('prints its routes', async () => {
    await program.prints(/\/<surname:word>\/<age:int>/);
    for (const path of ['/bytes', '/async-stream', '/echo', '/decline'])
      expect(program.output).toContain(path);
  });
});

describe('samples/run.mjs', () => {
  test('names the samples there are when it is asked for another', async () => {
    const program = new Program(['samples/run.mjs', 'nothing']);
    await program.prints(/where NAME is one of: .*hello/);
    expect(await program.exited).toBe(2);
  });
});

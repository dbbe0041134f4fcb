/** The sample of server-sent events, as its readers start it and as programs call it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';

let program: Program;
let url: string;

beforeAll(async () => {
  const settings = { PORT: '0', INTERVAL: '1', PER_CONNECTION: '3' };
  program = new Program(['samples/run.mjs', 'events'], settings);
  [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
});

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.exited;
});

test.each([
  ['/', 'text/html; charset=utf-8', '<script src="/live.js" defer>'],
  ['/live.js', 'text/javascript; charset=utf-8', "new EventSource('/events')"],
])('GET %s answers %s', async (path, type, part) => {
  const response = await fetch(url + path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect(await response.text()).toContain(part);
});

test.each([
  [undefined, 0],
  ['3', 3],
  ['41', 41],
  ['not a number', 0],
  ['1e400', 0],
])('events after %j count on from %i', async (id, from) => {
  const headers = id === undefined ? undefined : { 'Last-Event-ID': id };
  const response = await fetch(`${url}/events`, headers && { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const text = await response.text();
  expect(text.slice(0, text.indexOf('event: tick'))).toBe(
    `retry: 1000\n\nevent: hello\ndata: {"from":${from}}\n\n`,
  );
  expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual([
    from + 1,
    from + 2,
    from + 3,
  ]);
});

test('ends soon when it is told to, though a browser listens', async () => {
  const quiet = new Program(['samples/run.mjs', 'events'], { PORT: '0', INTERVAL: '60000' });
  const [, place = ''] = await quiet.prints(/Listening on (http:\/\/[\d.:]+)\n/);
  const response = await fetch(`${place}/events`);
  quiet.process.kill('SIGTERM');
  expect(await quiet.exited).toBe(0);
  expect(await response.text()).toMatch(/\n\n$/);
});

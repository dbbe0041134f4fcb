/** The sample with a form, as its readers start it and as programs call it. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Program } from '../../support/program.js';

let program: Program;
let url: string;

beforeAll(async () => {
  program = new Program(['samples/run.mjs', 'forms'], { PORT: '0' });
  [, url = ''] = await program.prints(/Listening on (http:\/\/[\d.:]+)\n/);
});

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.exited;
});

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function formOf(...parts: [string, string | Blob, string?][]): FormData {
  const form = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, filename);
  }
  return form;
}

function send(form: FormData, accept: string, query = ''): Promise<Response> {
  return fetch(`${url}/upload${query}`, { method: 'POST', body: form, headers: { Accept: accept } });
}

const picture = (name: string): [string, Blob, string] => [
  'files',
  new Blob([PNG], { type: 'image/png' }),
  name,
];

describe('POST /upload', () => {
  test('answers every field and file as JSON to a client that accepts it', async () => {
    const large = Buffer.alloc(2 * 1024 * 1024, 'x');
    const form = formOf(
      ['name', 'Jürgen'],
      ['colour', 'red'],
      ['colour', 'blue'],
      ['__proto__', 'x'],
      ['document', new Blob([large], { type: 'text/plain' }), 'a/b\\large.txt'],
    );
    const response = await send(form, 'application/json');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toBe(
      JSON.stringify({
        fields: { name: ['Jürgen'], colour: ['red', 'blue'], ['__proto__']: ['x'] },
        files: [
          {
            field: 'document',
            name: 'large.txt',
            type: 'text/plain',
            length: large.length,
            sha256: sha256(large),
          },
        ],
      }),
    );
  });

  test('answers a page to a browser, with everything escaped', async () => {
    const form = formOf(
      ['<n>', '"v"'],
      ['files', new Blob(['x'], { type: 'text/x-<t>' }), '<img src=x>.txt'],
    );
    const response = await send(form, 'text/html');
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toContain('<dt>&lt;n&gt;</dt><dd>&quot;v&quot;</dd>');
    expect(page).toContain('<b>&lt;img src=x&gt;.txt</b>');
    expect(page).not.toContain('<img');
  });

  test('keeps a picture where it can be seen', async () => {
    const response = await send(formOf(picture('p.png')), 'application/json');
    const { files } = (await response.json()) as { files: { picture: string }[] };
    const seen = await fetch(url + (files[0]?.picture ?? ''));
    expect([seen.status, seen.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(seen.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Buffer.from(await seen.arrayBuffer())).toEqual(PNG);
  });

  test('keeps nothing that only says it is a picture', async () => {
    const svg = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/png' });
    const response = await send(formOf(['files', svg, 'x.png']), 'application/json');
    const { files } = (await response.json()) as { files: Record<string, unknown>[] };
    expect(Object.keys(files[0] ?? {})).toEqual(['field', 'name', 'type', 'length', 'sha256']);
  });

  test('forgets the oldest pictures', async () => {
    const response = await send(
      formOf(...Array.from({ length: 50 }, () => picture('p.png'))),
      'application/json',
    );
    const { files } = (await response.json()) as { files: { picture: string }[] };
    for (let i = 0; i < 2; i++)
      await send(formOf(...Array.from({ length: 50 }, () => picture('q.png'))), 'application/json');
    expect((await fetch(url + (files[0]?.picture ?? ''))).status).toBe(404);
  });

  test('can be followed', async () => {
    const id = crypto.randomUUID();
    await send(formOf(picture('p.png')), 'application/json', `?upload-id=${id}`);
    const response = await fetch(`${url}/upload-progress/${id}`, {
      headers: { Accept: 'text/event-stream' },
    });
    expect(await response.text()).toMatch(
      /event: done\ndata: \{"state":"complete".*"filename":"p\.png"\}\n\n$/,
    );
  });
});

test.each([
  ['/', 'text/html; charset=utf-8', '<progress id="bar"'],
  ['/upload.js', 'text/javascript; charset=utf-8', 'EventSource'],
  ['/style.css', 'text/css; charset=utf-8', 'color-scheme: light dark'],
])('GET %s answers %s', async (path, type, part) => {
  const response = await fetch(url + path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect(await response.text()).toContain(part);
});

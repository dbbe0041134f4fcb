/** Files of forms in contracts, and fields with schemas of several libraries. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Post, type Contract, type Request, type Valid } from 'obol';
import { fields, file, type FileOptions } from 'obol/contract';
import { TestClient } from 'obol/testing';
import * as v from 'valibot';
import { z } from 'zod';
import { SIGNED_TYPES, typeBySignature } from '../../src/http/signatures.js';

const attach = {
  form: fields({
    caption: z.string().optional(),
    rank: v.optional(v.number(), 1),
    photo: file({ types: ['image/png', 'image/jpeg'], size: 1000 }),
    notes: file({ size: 50 }).file.size === 50 ? z.array(z.string()).optional() : z.never(),
  }),
} satisfies Contract;

@Controller('/')
class Attachments {
  @Post('/', attach)
  async add(_req: Request, { form: { caption, rank, photo, notes } }: Valid<typeof attach>) {
    return {
      caption,
      rank: rank + 1,
      notes,
      name: photo.filename,
      type: photo.type,
      size: (await photo.bytes()).length,
    };
  }
}

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(20)]);

let client: TestClient;
beforeAll(async () => {
  client = new TestClient(await bootstrap({ controllers: [Attachments] }));
});

function form(parts: Readonly<Record<string, string | Buffer>>, filename = 'a.png') {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new Blob([value], { type: 'image/png' }), filename);
  }
  return client.post('/', { form: data });
}

describe('a form with a file', () => {
  test.each<[Record<string, string | Buffer>, object]>([
    [{ photo: PNG }, { rank: 2, name: 'a.png', type: 'image/png', size: 108 }],
    [
      { photo: JPEG, caption: 'Sea', rank: '5', notes: 'x' },
      { caption: 'Sea', rank: 6, notes: ['x'], name: 'a.png', type: 'image/jpeg', size: 24 },
    ],
    [
      { photo: PNG, caption: '', other: '1' },
      { rank: 2, name: 'a.png', type: 'image/png', size: 108 },
    ],
  ])('%# that fits gives %j', async (parts, json) => {
    const answer = await form(parts);
    expect([answer.status, await answer.json()]).toEqual([200, json]);
  });

  test('has no folders in its name', async () => {
    expect(await (await form({ photo: PNG }, '../../etc/passwd.png')).json()).toMatchObject({
      name: 'passwd.png',
    });
  });

  test.each<[string, Record<string, string | Buffer>, number, object]>([
    [
      'of another content than its type says',
      { photo: Buffer.from('GIF89a....') },
      415,
      {
        errors: [{ in: 'form', pointer: '#/photo', detail: 'The file is none of image/png, image/jpeg' }],
      },
    ],
    [
      'of no content that is known',
      { photo: Buffer.from('<svg/>') },
      415,
      { errors: [{ pointer: '#/photo' }] },
    ],
    ['of almost no content', { photo: Buffer.from([0x89]) }, 415, {}],
    [
      'too large',
      { photo: Buffer.concat([PNG, Buffer.alloc(1000)]) },
      413,
      { errors: [{ in: 'form', pointer: '#' }] },
    ],
    [
      'of another content, and a field is wrong',
      { photo: Buffer.from('GIF89a....'), rank: 'x' },
      415,
      { errors: [{ pointer: '#/rank' }, { pointer: '#/photo' }] },
    ],
    [
      'missing',
      { caption: 'x' },
      422,
      { errors: [{ in: 'form', pointer: '#/photo', detail: 'A file is wanted' }] },
    ],
    ['a text', { photo: 'x' }, 422, { errors: [{ in: 'form', pointer: '#/photo' }] }],
    [
      'fine, and a field is not',
      { photo: PNG, rank: 'x' },
      422,
      { errors: [{ in: 'form', pointer: '#/rank' }] },
    ],
  ])('that is %s is refused', async (_what, parts, status, json) => {
    const answer = await form(parts);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, ...json });
  });

  test('that is given twice is refused, and a field that is a file', async () => {
    const twice = new FormData();
    for (const name of ['a.png', 'b.png']) twice.append('photo', new Blob([PNG]), name);
    const answer = await client.post('/', { form: twice });
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({
        errors: [{ in: 'form', pointer: '#/photo', detail: 'There is more than one file' }],
      }),
    ]);
    expect((await form({ photo: PNG, caption: PNG })).status).toBe(422);
    twice.append('photo', new Blob([PNG]), 'c.png');
    expect((await client.post('/', { form: twice })).status).toBe(413);
  });

  test('in a body of another type is refused, and no body has no file', async () => {
    expect((await client.post('/', { json: { photo: 1 } })).status).toBe(415);
    expect((await client.post('/')).status).toBe(422);
  });
});

test.each<[FileOptions, string, string]>([
  [
    { types: ['image/svg+xml'] },
    'E_CONTRACT',
    'file(): first bytes do not show "image/svg+xml"; they show image/png',
  ],
  [{ size: -1 }, 'E_SETTING', 'file.size: -1 is not a whole number of bytes'],
  [{ types: 'image/png' as never }, 'E_SETTING', 'file.types: "image/png" is not a list of media types.'],
])('file(%j) is a mistake', (options, code, message) => {
  expect(() => file(options)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

describe('first bytes', () => {
  test.each<[string, string | undefined]>([
    ['89504e470d0a1a0a00', 'image/png'],
    ['89504e470d0a1a', undefined],
    ['ffd8ffdb', 'image/jpeg'],
    ['474946383961', 'image/gif'],
    ['52494646aabbccdd57454250', 'image/webp'],
    ['52494646aabbccdd57415645', 'audio/wave'],
    ['0000001c6674797061766966', 'image/avif'],
    ['0000001c6674797069736f6d', 'video/mp4'],
    ['255044462d312e37', 'application/pdf'],
    ['504b0304', 'application/zip'],
    ['3c737667', undefined],
    ['', undefined],
  ])('%s are those of %s', (hex, type) => {
    expect(typeBySignature(Buffer.from(hex, 'hex'))).toBe(type);
    if (type !== undefined) expect(SIGNED_TYPES).toContain(type);
  });
});

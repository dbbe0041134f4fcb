/** Properties of the contracts of samples/contracts: nothing reaches a handler that does not fit, and each refusal says where it is wrong. */
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bootstrap, Controller, Get, Patch, Post, Response, Route, type Request, type Valid } from 'obol';
import { CheckBearer, type BearerTokens } from 'obol/auth';
import { TestClient } from 'obol/testing';
import {
  addComment,
  addIssue,
  attach,
  changeIssue,
  findIssues,
  listIssues,
} from '../../samples/contracts/shapes.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { count, hostileText, settings, TIMEOUT } from './settings.js';

/** Few of them take a second in a run of every test; a nightly one tries 10,000 for each route. */
const SETTINGS = settings({ few: 50, many: 10_000 });

const tokens: BearerTokens = { verify: (token) => (token === 'demo' ? { user: 'demo' } : undefined) };
/** A value that no refusal may show. */
const SECRET = 'hunter2 "secret"\n';
const MIB = 1024 * 1024;

/** What has reached the handler of the request under way. */
let reached: unknown;

function reach(valid: unknown): Response {
  reached = valid;
  return new Response('reached');
}

@Controller('/issues')
class Issues {
  @Get('/', listIssues)
  list(_req: Request, valid: Valid<typeof listIssues>) {
    return reach(valid);
  }

  @Route('/', 'QUERY', findIssues)
  find(_req: Request, valid: Valid<typeof findIssues>) {
    return reach(valid);
  }

  @Post('/', addIssue)
  @CheckBearer(tokens)
  add(_req: Request, valid: Valid<typeof addIssue>) {
    return reach(valid);
  }

  @Patch('/<id:int>', changeIssue)
  @CheckBearer(tokens)
  change(_req: Request, _id: number, valid: Valid<typeof changeIssue>) {
    return reach(valid);
  }

  @Post('/<id:int>/comments', addComment)
  @CheckBearer(tokens)
  comment(_req: Request, _id: number, valid: Valid<typeof addComment>) {
    return reach(valid);
  }

  @Post('/<id:int>/attachment', attach)
  @CheckBearer(tokens)
  attach(_req: Request, _id: number, valid: Valid<typeof attach>) {
    return reach(valid);
  }
}

let client: TestClient;
beforeAll(async () => {
  client = new TestClient(await bootstrap({ controllers: [Issues], logger: collectingLogger() }));
});

/** What is sent to a route. */
interface Sent {
  readonly line: string;
  readonly type: string | undefined;
  readonly body: string | Buffer | undefined;
  readonly token: string | undefined;
}

/** Sends it, and holds what comes of it against the rules of the sample, which `fits` knows by itself. */
async function hold({ line, type, body, token }: Sent, fits: (valid: never) => unknown): Promise<void> {
  count();
  reached = undefined;
  const [method = '', path = ''] = line.split(' ');
  const headers = {
    ...(type !== undefined && { 'Content-Type': type }),
    ...(token !== undefined && { Authorization: token }),
  };
  const answer = await client.request(path, { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  if (answer.status === 200) {
    fits(reached as never);
    return;
  }
  expect([400, 401, 413, 415, 422]).toContain(answer.status);
  expect(reached).toBeUndefined();
  expect(text).not.toContain('hunter2');
  const { errors = [] } = JSON.parse(text) as { errors?: { in: string; pointer: string; detail: string }[] };
  expect(errors.length).toBeLessThanOrEqual(100);
  // Credentials, and a path that is none, are in no part that could be pointed to.
  if (answer.status !== 401) expect(errors.length).toBeGreaterThan(0);
  for (const { pointer, detail } of errors) {
    expect(pointer).toMatch(/^#(?:\/|$)/);
    expect(detail).not.toBe('');
  }
}

const rare = <T>(common: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(common) },
    { weight: 2, arbitrary: fc.constantFrom(common, ...others) },
  );

const token = rare<string | undefined>('Bearer demo', undefined, 'Bearer x', 'Basic demo', 'Bearer');
const jsonType = rare<string | undefined>(
  'application/json',
  'application/merge-patch+json',
  'application/vnd.x+json; charset=latin1',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'json',
  undefined,
);

const scalar = fc.constantFrom<unknown>(
  ...[
    'a',
    '',
    'Tea',
    SECRET,
    'x'.repeat(200),
    'x'.repeat(201),
    '\u{1f375}'.repeat(200),
    '\u{1f375}'.repeat(201),
  ],
  ...['2026-12-24', '2026-02-30', '2026-1-1', '24.12.2026', '\ud800', '5', 'null', 'x'.repeat(10_001)],
  ...[0, -1, 1.5, 1e308, true, false, null],
);
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 3, arbitrary: fc.array(scalar, { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('title', 'constructor', 'x y'), scalar, { maxKeys: 3 }),
  },
);
const names = ['title', 'labels', 'due', 'text', 'id', 'constructor', '__proto__', 'toString', 'Title'];
const members = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
const likely = fc.record(
  {
    title: fc.constantFrom('Tea', 'x'.repeat(200)),
    text: fc.constantFrom('Buy', 'x'.repeat(200)),
    labels: fc.constantFrom(['a'], null, [], Array(10).fill('a')),
    due: fc.constantFrom('2026-12-24', null),
  },
  { requiredKeys: [] },
);
const json = fc.oneof(
  { weight: 4, arbitrary: likely.map((each) => JSON.stringify(each)) },
  { weight: 4, arbitrary: members.map((each) => JSON.stringify(each)) },
  { weight: 2, arbitrary: value.map((each) => JSON.stringify(each)) },
  {
    weight: 2,
    arbitrary: hostileText(
      ['{', '}', '[', ']', '"', ':', ',', '"title"', '"text"', 'null', '1e999', '\\u0000'],
      500,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, '', ' ', '{"title":"a"}\n{', '['.repeat(70), `"${SECRET}"`),
  },
);

/** Tries a route with bodies of JSON. */
function holds(
  line: string,
  fits: (valid: never) => unknown,
  auth: fc.Arbitrary<string | undefined> = token,
): void {
  const sent = fc.record({ line: fc.constant(line), type: jsonType, body: json, token: auth });
  test(
    `${line} takes what fits, and says of all else where it is wrong`,
    () =>
      fc.assert(
        fc.asyncProperty(sent, (each) => hold(each, fits)),
        SETTINGS,
      ),
    TIMEOUT,
  );
}

interface Draft {
  readonly title?: unknown;
  readonly labels?: unknown;
  readonly due?: unknown;
}

/** By the words of the sample, not by its schemas. */
function fitsDraft({ title, labels, due, ...others }: Draft): void {
  expect(others).toEqual({});
  if (title !== undefined) expect(Array.from(title as string).length).toBeGreaterThan(0);
  if (title !== undefined) expect(Array.from(title as string).length).toBeLessThanOrEqual(200);
  for (const label of (labels ?? []) as unknown[]) expect(typeof label).toBe('string');
  expect(((labels ?? []) as unknown[]).length).toBeLessThanOrEqual(10);
  if (typeof due === 'string') expect(new Date(due).toISOString().slice(0, 10)).toBe(due);
  else expect(due ?? null).toBeNull();
}

holds(
  'QUERY /issues',
  ({ body }: Valid<typeof findIssues>) => {
    expect(body).toEqual({ text: expect.stringMatching(/^[^]{0,200}$/u) });
  },
  fc.constant(undefined),
);
holds('POST /issues', ({ body }: Valid<typeof addIssue>) => {
  expect(typeof body.title).toBe('string');
  expect(body.labels).not.toBeNull();
  expect(body.due).not.toBeNull();
  fitsDraft(body);
});
holds('PATCH /issues/1', ({ body }: Valid<typeof changeIssue>) => {
  expect(body.title).not.toBeNull();
  fitsDraft(body);
});
holds('POST /issues/1/comments', ({ body }: Valid<typeof addComment>) => {
  expect(body).toEqual({ text: expect.stringMatching(/^[^]{1,10000}$/u) });
});

const pair = fc
  .tuple(
    fc.constantFrom('limit', 'label', 'after', 'unknown', '__proto__', 'constructor', ''),
    fc.constantFrom(
      '1',
      '100',
      '0',
      '101',
      '-1',
      '1.5',
      '1e1',
      '',
      'a',
      SECRET,
      '0x10',
      ' 5',
      '%00',
      '9'.repeat(400),
    ),
  )
  .map(([name, text]) => `${name}=${encodeURIComponent(text)}`);

test(
  'GET /issues takes what fits, and says of all else where it is wrong',
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 5 }), (pairs) =>
        hold(
          { line: `GET /issues?${pairs.join('&')}`, type: undefined, body: undefined, token: undefined },
          ({ query: { limit, label, after, ...others } }: Valid<typeof listIssues>) => {
            expect(Number.isInteger(limit) && limit >= 1 && limit <= 100).toBe(true);
            expect(Number.isInteger(after) && after >= 0).toBe(true);
            expect(label.every((each) => typeof each === 'string')).toBe(true);
            expect(others).toEqual({});
          },
        ),
      ),
      SETTINGS,
    ),
  TIMEOUT,
);

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const content = fc.constantFrom(
  ...[PNG, Buffer.from('ffd8ffe000', 'hex'), Buffer.from('GIF89a'), Buffer.from(SECRET), Buffer.alloc(0)],
  PNG.subarray(0, 7),
);
const large = Buffer.concat([PNG, Buffer.alloc(MIB)]);
const part = fc
  .record({
    name: fc.constantFrom('file', 'file', 'caption', 'other', '__proto__', ''),
    filename: fc.constantFrom(undefined, '; filename="a.png"', '; filename="../../a.png"', '; filename=""'),
    type: fc.constantFrom(
      '',
      'Content-Type: image/png\r\n',
      'Content-Type: text/html\r\n',
      'Content-Type: x\r\n',
    ),
    bytes: fc.oneof({ weight: 200, arbitrary: content }, { weight: 1, arbitrary: fc.constant(large) }),
  })
  .map(({ name, filename = '', type, bytes }) =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n${type}\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]),
  );
const end = rare('--b--\r\n', '', '--b', '--c--\r\n');
const form = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), end)
  .map(([parts, last]) => Buffer.concat([...parts, Buffer.from(last)]));
const formType = rare<string | undefined>(
  'multipart/form-data; boundary=b',
  'multipart/form-data; boundary=c',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  'application/json',
  'image/png',
  undefined,
);

test(
  'POST /issues/1/attachment takes what fits, and says of all else where it is wrong',
  () =>
    fc.assert(
      fc.asyncProperty(fc.record({ type: formType, body: form, token }), (sent) =>
        hold(
          { line: 'POST /issues/1/attachment', ...sent },
          ({ form: { file, caption = '', ...others } }: Valid<typeof attach>) => {
            expect(['image/png', 'image/jpeg']).toContain(file.type);
            expect(file.length).toBeLessThanOrEqual(MIB);
            expect(file.filename).not.toMatch(/[/\\]/);
            expect(caption.length).toBeLessThanOrEqual(500);
            expect(others).toEqual({});
          },
        ),
      ),
      SETTINGS,
    ),
  TIMEOUT,
);

/** What real clients send, recorded byte for byte (`tests/programs/clients/recorder`), is answered as their users want. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Form, Get, Post, Put, type Request } from 'obol';
import { textFields } from '../support/multipart.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';

/** One request, and where it is from. */
interface Recording {
  readonly file: string;
  readonly client: string;
  /** As the client reports it. */
  readonly version: string;
  readonly kind: keyof typeof WANTED;
  /** Where it stands, of one that was not recorded here. */
  readonly source?: string;
  /** Where it is not what its kind means. */
  readonly wanted?: unknown;
}

const FOLDER = join(import.meta.dirname, 'clients');
const RECORDINGS = JSON.parse(readFileSync(join(FOLDER, 'recordings.json'), 'utf8')) as Recording[];

const FIELDS = [
  ['name', ['smith']],
  ['note', ['žluť kůň']],
];

/** What each kind means. */
const WANTED = {
  get: { args: { name: 'smith', note: 'žluť' }, accepts: true },
  form: { fields: FIELDS, files: [] },
  upload: { fields: FIELDS, files: [['upload', 'žluť.txt', 'hello\n']] },
  json: { json: { name: 'smith', note: 'žluť kůň' } },
  put: { data: 'hello\n' },
  empty: { fields: [], files: [] },
};

async function contentOf({ form }: Request): Promise<unknown> {
  const files: unknown[] = [];
  for (const file of form.files) files.push([file.name, file.filename, await file.text()]);
  return { fields: textFields(form).sort(), files };
}

@Controller()
class WantedController {
  @Get('/get') get(req: Request) {
    const args = { name: req.args.getFirst('name'), note: req.args.getFirst('note') };
    return { args, accepts: req.accepts('html', 'json', 'text') !== undefined };
  }
  @Post('/form') form(req: Request) {
    return contentOf(req);
  }
  @Post('/upload') upload(req: Request) {
    return contentOf(req);
  }
  @Post('/json') json({ json }: Request) {
    return { json };
  }
  @Form(false) @Put('/put') async put(req: Request) {
    return { data: (await req.readBytes()).toString() };
  }
  @Post('/empty') async empty(req: Request) {
    await req.readForm();
    return contentOf(req);
  }
}

const logger = collectingLogger();
let app: Awaited<ReturnType<typeof bootstrap>>;
let port: number;

beforeAll(async () => {
  app = await bootstrap({ controllers: [WantedController], logger });
  ({ port } = await app.listen({ port: 0, signals: false, drainLinger: 0 }));
});

afterAll(() => app.close());

test('there are enough of them, of many kinds', () => {
  expect(RECORDINGS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(RECORDINGS.map(({ client }) => client)).size).toBeGreaterThanOrEqual(20);
  for (const { version } of RECORDINGS) expect(version).not.toBe('');
});

describe.each(RECORDINGS)('$file, of $version', ({ file, kind, wanted = WANTED[kind] }) => {
  test('is answered as its user wants', async () => {
    const client = await RawClient.connect(port);
    let response = await client.send(readFileSync(join(FOLDER, file))).response();
    while (response.status === 100) response = await client.response();
    client.destroy();
    expect([response.status, JSON.parse(response.text)]).toEqual([200, wanted]);
    expect(logger.errors).toEqual([]);
  });
});

/** Properties of documents that people have written: whatever one holds, it is a clear mistake at bootstrap, or judges every request. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bootstrap, Controller, ObolError, Route } from 'obol';
import { openapiDocument } from 'obol/openapi';
import { TestClient, type TestRequestInit } from 'obol/testing';
import { stringify } from 'yaml';
import { collectingLogger } from '../support/collecting-logger.js';
import { count, settings, TIMEOUT } from './settings.js';

/** Documents in a run of every test, and in one that takes its time: each makes two compilers of schemas. */
const FEW = 6;
const MANY = 1000;
const folder = mkdtempSync(join(tmpdir(), 'obol-documents-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const wrong = fc.constantFrom<unknown>(null, 5, -1, 'x', '', true, [], {}, [null]);
/** Nearly always what it should be. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 150, arbitrary: right }, { weight: 1, arbitrary: wrong });
const NAMES = ['id', 'a', 'b', '$ref', '__proto__', 'constructor', 'nullable', 'X-A', 'two words', ''];
const name = fc.constantFrom(...NAMES);
const SCHEMAS = '#/components/schemas/';
const reference = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.constantFrom(`${SCHEMAS}Node`, `${SCHEMAS}Text`, `${SCHEMAS}Node/properties/text`),
  },
  { weight: 6, arbitrary: fc.constantFrom('A', 'B').map((each) => SCHEMAS + each) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '#',
        '#/',
        '#/paths/~1',
        '#/%zz',
        '#anchor',
        'other.yaml#/A',
        'https://example.com/a',
        `${SCHEMAS}None`,
      ],
    ),
  },
);
/** What references may lead to: one of them contains itself. */
const TEXT = { type: 'string', maxLength: 3 };
const NODE = { type: 'object', properties: { text: TEXT, a: { $ref: `${SCHEMAS}Node` } } };
const { schema } = fc.letrec<{ schema: unknown; list: unknown }>((tie) => ({
  list: fc.array(tie('schema'), { maxLength: 2 }),
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 20, arbitrary: fc.record({ $ref: reference }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { $dynamicRef: '#' },
        { $dynamicAnchor: 'node', anyOf: [{ type: 'string' }, { $dynamicRef: '#node' }] },
        { $id: 'https://example.com/b', $ref: '#' },
        { $id: 'c', type: 'string' },
      ),
    },
    {
      weight: 60,
      arbitrary: fc.record(
        {
          type: mostly(
            fc.constantFrom('string', 'integer', 'number', 'object', 'array', 'boolean', 'null', 'int', [
              'string',
              'null',
            ]),
          ),
          nullable: fc.boolean(),
          format: fc.constantFrom('date', 'int32', 'uuid', 'byte', 'unknown'),
          pattern: mostly(fc.constantFrom('^a+$', '(', '\\p{L}', '[a-z]{2}')),
          minimum: mostly(fc.integer()),
          exclusiveMinimum: fc.oneof(fc.boolean(), fc.integer()),
          maxLength: mostly(fc.nat()),
          enum: mostly(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 })),
          uniqueItems: fc.boolean(),
        },
        { requiredKeys: ['type'] },
      ),
    },
    {
      weight: 30,
      arbitrary: fc.record(
        {
          properties: mostly(fc.dictionary(name, tie('schema'), { maxKeys: 3 })),
          required: mostly(fc.array(name, { maxLength: 2 })),
          additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
          items: mostly(tie('schema')),
          allOf: mostly(tie('list')),
          anyOf: mostly(tie('list')),
          oneOf: tie('list'),
          not: tie('schema'),
        },
        { requiredKeys: [] },
      ),
    },
    { weight: 5, arbitrary: fc.boolean() },
  ),
}));
const TYPES = ['application/json', 'application/*', '*/*', 'text/plain', 'multipart/form-data', 'x'];
const content = mostly(
  fc.dictionary(
    fc.constantFrom(...TYPES),
    mostly(fc.record({ schema: mostly(schema) }, { requiredKeys: [] })),
    { maxKeys: 2 },
  ),
);
const ownParameter = fc.record(
  {
    name: mostly(name),
    in: fc.oneof(
      { weight: 150, arbitrary: fc.constantFrom('query', 'header', 'cookie') },
      { weight: 1, arbitrary: fc.constantFrom('path', 'body', 'constructor') },
    ),
    required: fc.boolean(),
    schema: mostly(schema),
    style: fc.constantFrom('form', 'deepObject', 'pipeDelimited'),
  },
  { requiredKeys: ['name', 'in', 'schema'] },
);
const PARAMETERS = ['P', 'Q'].map((each) => `#/components/parameters/${each}`);
const parameter = mostly(
  fc.oneof(
    { weight: 4, arbitrary: ownParameter },
    { weight: 1, arbitrary: fc.record({ $ref: fc.constantFrom(...PARAMETERS) }) },
  ),
);
const operation = mostly(
  fc.record(
    {
      operationId: mostly(name),
      parameters: mostly(fc.array(parameter, { maxLength: 3 })),
      requestBody: mostly(fc.record({ required: fc.boolean(), content }, { requiredKeys: [] })),
      responses: mostly(
        fc.dictionary(
          fc.constantFrom('200', '2XX', 'default', '404', 'x'),
          mostly(fc.record({ content }, { requiredKeys: [] })),
          { maxKeys: 2 },
        ),
      ),
    },
    { requiredKeys: [] },
  ),
);
const PATHS = [
  '/',
  '/notes/{id}',
  '/a%20b',
  '/x-{a}{b}',
  '/{a}.{b}/{id}',
  'no-slash',
  'x-more',
  '/{',
  '/%zz',
  '/{id}-{a}-{b}-{id}',
];
const paths = mostly(
  fc.dictionary(
    fc.constantFrom(...PATHS),
    mostly(
      fc.record(
        {
          get: operation,
          put: operation,
          'x-query': operation,
          parameters: mostly(fc.array(parameter, { maxLength: 2 })),
          $ref: reference,
        },
        { requiredKeys: ['get'] },
      ),
    ),
    { minKeys: 1, maxKeys: 4 },
  ),
);
const whole = fc.record(
  {
    openapi: mostly(fc.constantFrom('3.0.3', '3.0.4', '3.1.0', '3.1.1', '3.2.0', 3.1)),
    info: fc.constant({ title: 'x', version: '1' }),
    paths,
    components: mostly(
      fc.record({
        schemas: mostly(
          fc.record({ A: schema, B: schema, Node: fc.constant(NODE), Text: fc.constant(TEXT) }),
        ),
        parameters: fc.record({
          P: mostly(ownParameter),
          Q: fc.constant({ $ref: '#/components/parameters/P' }),
        }),
      }),
    ),
  },
  { requiredKeys: ['openapi', 'paths', 'components'] },
);
/** Nine times nine times nine ... */
const BOMB = `openapi: 3.1.0
paths: {}
a: &a [x,x,x,x,x,x,x,x,x]
${['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map(([from = '', to = '']) => `${to}: &${to} [${`*${from},`.repeat(9)}]`).join('\n')}`;
/** As texts, in either form, some of them cut or with something else in their midst. */
const texts = fc.oneof(
  { weight: 30, arbitrary: whole.map((document) => [JSON.stringify(document), 'json'] as const) },
  { weight: 15, arbitrary: whole.map((document) => [stringify(document), 'yaml'] as const) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        whole,
        fc.nat(),
        fc.constantFrom('', '&a ', '*a', '\0', '{', '- ', '!!js/function ', '<<: *a\n', '\t'),
      )
      .map(([document, at, odd]) => {
        const text = stringify(document);
        return [text.slice(0, at % text.length) + odd + text.slice(at % text.length), 'yaml'] as const;
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      [BOMB, 'yaml'] as const,
      ['openapi: 3.1.0\npaths: &a\n  /x: *a\n', 'yaml'] as const,
      [`{"openapi":"3.1.0","paths":${'{"/a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`, 'json'] as const,
      ['', 'yaml'] as const,
      ['\ufeff{}', 'json'] as const,
    ),
  },
);

const REQUESTS: readonly [string, TestRequestInit][] = [
  ...['/', '/notes/1', '/notes/x', '/a%20b', '/x-12', '/a.b/c', '/no-slash', '/%25zz', '/1-2-3-4'].map(
    (path): [string, TestRequestInit] => [path, {}],
  ),
  [`/${'-'.repeat(2000)}`, {}],
  [
    '/notes/1?id=1&a=2&a=3&__proto__=4&constructor=5&%24ref=6',
    { headers: { 'X-A': '1', Cookie: 'id=1; a=x' } },
  ],
  ...['{"a":{"b":[{"a":1}]}}', '[[1],[1]]', 'null', '"x"', '{'].map((body): [string, TestRequestInit] => [
    '/notes/1',
    { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body },
  ]),
  ['/', { method: 'QUERY', json: { a: null } }],
  ['/', { method: 'PUT', form: { a: '1' } }],
];

@Controller()
class Everything {
  @Route('/', ['GET', 'PUT', 'QUERY'])
  @Route('/<rest:path>', ['GET', 'PUT'])
  answer() {
    return { a: [1, { b: null }] };
  }
}

async function judge([text, ending]: readonly [string, string]): Promise<void> {
  count();
  const file = join(folder, `document.${ending}`);
  writeFileSync(file, text);
  let features;
  try {
    features = [openapiDocument(file)];
  } catch (error) {
    expect(error).toBeInstanceOf(ObolError);
    expect((error as ObolError).message).toMatch(/^openapiDocument: .*document\.\w+ (?:is no|cannot be)/);
    return;
  }
  const app = await bootstrap({ controllers: [Everything], features, logger: collectingLogger() });
  const client = new TestClient(app);
  for (const [target, init] of REQUESTS) {
    const { status } = await client.request(target, init);
    if (status >= 500) throw new Error(`${init.method ?? 'GET'} ${target} is ${String(status)}`);
  }
}

test(
  'every one is refused when it is read, or refuses no request with a failure',
  () => {
    const { seed, plugins } = settings();
    const numRuns = plugins ? MANY : FEW;
    return fc.assert(fc.asyncProperty(texts, judge), { numRuns, ...(seed !== undefined && { seed }) });
  },
  TIMEOUT + 300_000,
);

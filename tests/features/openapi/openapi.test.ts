/** `openapi()`: what a document says of routes, contracts and guards, and that it says it in valid OpenAPI. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { toJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as obol from 'obol';
import {
  bootstrap,
  Controller,
  createGuard,
  Delete,
  Get,
  Patch,
  Post,
  Put,
  Route,
  type BootstrapOptions,
} from 'obol';
import {
  allOf,
  anyOf,
  CheckBasic,
  CheckBearer,
  CheckDigest,
  CheckFormLogin,
  cookieLogin,
  digest,
  formLogin,
  GrantAddress,
  Groups,
  PasswordHashMap,
  PasswordMap,
  StaticTokens,
} from 'obol/auth';
import { mount } from 'obol/composition';
import { each, fields, file } from 'obol/contract';
import { problemType } from 'obol/errors';
import { Describe, openapi, type OpenApiOptions } from 'obol/openapi';
import { TestClient } from 'obol/testing';
import * as v from 'valibot';
import { parse } from 'yaml';
import { z } from 'zod';
import { pageRoutes } from '../../../src/features/openapi/page.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { run } from '../../support/compile.js';
import { problemsOf } from '../../support/problems.js';

const INFO = { title: 'Notes', version: '1.0.0' };
const KEY = 'A-key-of-32-bytes-0123456789-abcd-for-tests';
type Class = Extract<BootstrapOptions['controllers'], readonly unknown[]>[number];
const users = new PasswordHashMap();

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: object }[];
  readonly requestBody?: {
    required?: boolean;
    content: Record<string, { schema: object; example?: unknown }>;
  };
  readonly responses: Record<
    string,
    { $ref?: string; description?: string; content?: Record<string, { schema: object }> }
  >;
  readonly security: readonly object[];
  readonly [more: string]: unknown;
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components?: Record<string, Record<string, Record<string, unknown>>>;
  readonly [more: string]: unknown;
}

/** The document of controllers. */
async function documentOf(
  controllers: readonly Class[],
  options: Partial<OpenApiOptions> = {},
  settings: Partial<BootstrapOptions> = {},
): Promise<Document> {
  const api = openapi({ info: INFO, ...options });
  const app = await bootstrap({ controllers, ...settings, features: [...(settings.features ?? []), api] });
  await app.close();
  return api.document.toJSON() as unknown as Document;
}

const Comment = z
  .object({
    id: z.int(),
    made: z.date(),
    get replies() {
      return z.array(Comment).optional();
    },
  })
  .meta({ id: 'Comment' });
const NewComment = z.object({ text: z.string().min(1), marks: z.array(z.string()).default([]) });
const Tree = z.object({
  name: z.string(),
  get left() {
    return Tree.optional();
  },
});
const MAKE = { body: NewComment, returns: { 201: Comment, 404: z.object({ why: z.string() }), 204: null } };

@Describe({ description: 'All about notes', parameters: { id: 'Number of the note' } })
@Controller('/notes')
class Notes {
  @Post('/<id:int>/comments', MAKE)
  @CheckBearer(new StaticTokens([]), { scope: 'write' })
  @Describe({
    summary: 'Comments',
    examples: { body: { text: 'Well' }, 201: { id: 1 } },
    responses: { 201: 'It is there' },
  })
  addComment(): null {
    return null;
  }
  @Get('/<id:int>', {
    query: z.object({
      limit: z.int().max(100).default(20),
      label: z.array(z.string()).optional(),
      sort: z.string().describe('Which'),
    }),
    headers: z.object({ 'x-tenant': z.string(), accept: z.string().optional() }),
    cookies: z.object({ theme: z.enum(['dark', 'light']).optional() }),
  })
  @Describe({ deprecated: true })
  show() {
    return 1;
  }
  @Get('/', { returns: each(Comment) }) list(): [] {
    return [];
  }
  @Get('/text', { returns: z.string() }) text() {
    return 'text';
  }
  @Put('/tree', { body: Tree, returns: Tree }) tree() {
    return { name: 'root' };
  }
  @Patch('/<id:int>', {
    body: NewComment.partial(),
    bodyTypes: ['application/merge-patch+json', 'application/json'],
  })
  change() {
    return null;
  }
  @Post('/photo', {
    form: fields({
      caption: z.string().optional(),
      photo: file({ types: ['image/png', 'image/jpeg'], size: 1024 }),
    }),
  })
  photo() {
    return null;
  }
  @Post('/form', { form: z.object({ name: z.string() }) }) form() {
    return null;
  }
  @Route('/search', 'QUERY', { body: type({ text: 'string', 'more?': 'number' }) }) search() {
    return null;
  }
  @Delete('/<id:int>') @Describe({ hidden: true }) secret() {
    return null;
  }
}

let notes: Document;
beforeAll(async () => {
  notes = await documentOf([Notes]);
});

function operation(path: string, method: string, document = notes): Operation {
  const found = document.paths[path]?.[method];
  if (!found) throw new Error(`There is no ${method} ${path}`);
  return found;
}

describe('paths', () => {
  class Paths {
    @Get('/a/<x>') any() {
      return null;
    }
    @Get('/int/<x:int>') int() {
      return null;
    }
    @Get('/float/<x:float>') float() {
      return null;
    }
    @Get('/uuid/<x:uuid>') uuid() {
      return null;
    }
    @Get('/hex/<x:hex>') hex() {
      return null;
    }
    @Get('/word/<x:word>') word() {
      return null;
    }
    @Get('/re/<x:re:(?:a|<b>)+>.txt') re() {
      return null;
    }
    @Get('/path/<x:path>') path() {
      return null;
    }
    @Get('/own/<x:code>') own() {
      return null;
    }
    @Get('/two/<x:int>-<y>') two() {
      return null;
    }
  }
  Controller()(Paths);
  class Same {
    @Get('/<id:int>') first() {
      return null;
    }
    @Put('/<name>') second() {
      return null;
    }
    @Get('/<name:word>') third() {
      return null;
    }
  }
  Controller('/x')(Same);
  const filters = { code: { pattern: /\d{4}/ } };

  let paths: Document;
  beforeAll(async () => {
    paths = await documentOf([Paths], {}, { filters });
  });

  test.each([
    ['/a/{x}', { type: 'string', minLength: 1 }],
    ['/int/{x}', { type: 'integer' }],
    ['/float/{x}', { type: 'number' }],
    ['/uuid/{x}', { type: 'string', format: 'uuid' }],
    ['/hex/{x}', { type: 'string', pattern: '^[\\da-fA-F]+$' }],
    ['/word/{x}', { type: 'string', pattern: '^[\\p{L}\\p{M}\\p{N}_]+$' }],
    ['/re/{x}.txt', { type: 'string', pattern: '^(?:(?:a|<b>)+)$' }],
    ['/path/{x}', { type: 'string', minLength: 1 }],
    ['/own/{x}', { type: 'string', pattern: '^(?:\\d{4})$' }],
    ['/two/{x}-{y}', { type: 'integer' }],
  ])('%s has a parameter that is %j', (path, schema) => {
    const [parameter] = operation(path, 'get', paths).parameters ?? [];
    expect(parameter).toMatchObject({ name: 'x', in: 'path', required: true, schema });
  });

  test('that differ in names alone are one; of two operations there the first stays, and the log says so', async () => {
    const logger = collectingLogger();
    const document = await documentOf([Same], {}, { logger });
    expect(Object.keys(document.paths)).toEqual(['/x/{id}']);
    expect(operation('/x/{id}', 'get', document).operationId).toBe('Same_first');
    expect(operation('/x/{id}', 'put', document).parameters?.[0]?.name).toBe('id');
    expect(JSON.stringify(logger)).toContain('GET /x/<name:word>');
  });

  test('are encoded where they are text, and left out where they are expressions or the document itself', async () => {
    class Odd {
      @Get('/ä b/{c}') text() {
        return null;
      }
      @Get(/\/e\d/) expression() {
        return null;
      }
    }
    Controller()(Odd);
    expect(Object.keys((await documentOf([Odd])).paths)).toEqual(['/%C3%A4%20b/%7Bc%7D']);
  });

  test('of applications inside are whole', async () => {
    const inner = await bootstrap({ controllers: [Paths], filters });
    const document = await documentOf([Same], {}, { middleware: [mount('/shop/<tenant>', inner.handle)] });
    expect(operation('/shop/{tenant}/int/{x}', 'get', document).parameters?.map(({ name }) => name)).toEqual([
      'tenant',
      'x',
    ]);
  });

  test('have no name twice, though a mount and the application inside do', async () => {
    const inner = await bootstrap({ controllers: [Same] });
    const mounted = { middleware: [mount('/shop/<id>', inner.handle)] };
    const { paths: found } = await documentOf([Paths], {}, { ...mounted, filters });
    expect(found['/shop/{id}/x/{id2}']?.['get']?.parameters?.map(({ name }) => name)).toEqual(['id', 'id2']);
  });

  test.each(['words', 'constructor', 'toString'])(
    'with a parameter %s have what is said of it alone',
    async (name) => {
      class Named {
        @Get('/', { query: z.object({ [name]: z.string().optional() }) })
        @Describe({ parameters: { words: 'Said' }, tags: [name] })
        get() {
          return null;
        }
      }
      Controller()(Named);
      const document = await documentOf([Named], { tags: { words: 'Said' } });
      const [parameter] = operation('/', 'get', document).parameters ?? [];
      const said = name === 'words' ? { description: 'Said' } : {};
      expect(parameter).toEqual({ name, in: 'query', ...said, schema: { type: 'string' } });
      expect(document['tags']).toEqual([{ name, ...said }]);
    },
  );
});

describe('requests', () => {
  test('have the parameters of query, headers and cookies, but for fields that documents say elsewhere', () => {
    const parameters = operation('/notes/{id}', 'get').parameters ?? [];
    expect(parameters.map((each) => [each.in, each.name, each.required ?? false])).toEqual([
      ['path', 'id', true],
      ['query', 'limit', false],
      ['query', 'label', false],
      ['query', 'sort', true],
      ['header', 'x-tenant', true],
      ['cookie', 'theme', false],
    ]);
    expect(parameters[0]).toMatchObject({ description: 'Number of the note' });
    expect(parameters[1]?.schema).toMatchObject({ type: 'integer', maximum: 100, default: 20 });
    expect(parameters[3]).toMatchObject({ description: 'Which', schema: { type: 'string' } });
  });

  test('have a body by its input, of the types that are said, with an example', () => {
    const { requestBody } = operation('/notes/{id}/comments', 'post');
    expect(requestBody).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              text: { type: 'string', minLength: 1 },
              marks: { type: 'array', items: { type: 'string' }, default: [] },
            },
            required: ['text'],
          },
          example: { text: 'Well' },
        },
      },
    });
    const types = Object.keys(operation('/notes/{id}', 'patch').requestBody?.content ?? {});
    expect(types).toEqual(['application/merge-patch+json', 'application/json']);
  });

  test('have forms, with files in parts only', () => {
    const fieldsOnly = operation('/notes/form', 'post').requestBody?.content ?? {};
    expect(Object.keys(fieldsOnly)).toEqual(['application/x-www-form-urlencoded', 'multipart/form-data']);
    expect(operation('/notes/photo', 'post').requestBody?.content).toEqual({
      'multipart/form-data': {
        schema: {
          type: 'object',
          properties: {
            caption: { type: 'string' },
            photo: { type: 'string', format: 'binary', description: 'At most 1024 bytes.' },
          },
          required: ['photo'],
        },
        encoding: { photo: { contentType: 'image/png, image/jpeg' } },
      },
    });
  });

  test('with QUERY stand beside the others, by the version of OpenAPI', async () => {
    expect(operation('/notes/search', 'x-query').requestBody).toMatchObject({ required: true });
    const later = await documentOf([Notes], { version: '3.2' });
    expect([later['openapi'], later.paths['/notes/search']?.['query']?.operationId]).toEqual([
      '3.2.0',
      'Notes_search',
    ]);
  });
});

describe('answers', () => {
  test('are those of the contract and of Obol, both in one where they share a status', () => {
    const { responses } = operation('/notes/{id}/comments', 'post');
    expect(Object.keys(responses)).toEqual([
      '201',
      '204',
      '400',
      '401',
      '403',
      '404',
      '413',
      '415',
      '422',
      '4XX',
      'default',
    ]);
    expect(responses['201']).toMatchObject({
      description: 'It is there',
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/Comment' }, example: { id: 1 } },
      },
    });
    expect(responses['204']).toEqual({ description: 'No Content' });
    expect(Object.keys(responses['404']?.content ?? {})).toEqual([
      'application/json',
      'application/problem+json',
    ]);
    expect(responses['422']).toEqual({ $ref: '#/components/responses/UnprocessableEntity' });
  });

  test('are lists where the handler gives items, and text where it gives text', () => {
    expect(operation('/notes', 'get').responses['200']).toEqual({
      description: 'OK',
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Comment' } } },
      },
    });
    expect(operation('/notes/text', 'get').responses['200']?.content).toEqual({
      'text/html': { schema: { type: 'string' } },
    });
  });
});

describe('problems', () => {
  const Full = problemType({ type: '/problems/full', title: 'It is full', status: 409 });
  const Late = problemType({
    type: 'https://notes.example/late',
    title: 'Too late',
    status: 409,
    description: 'The day is over.',
  });
  const Closed = problemType({ type: '/problems/closed', title: 'Closed', status: 503 });
  class Refusing {
    @Post('/', { returns: { 201: NewComment } })
    @CheckBearer(new StaticTokens([]))
    @Describe({ problems: [Full, Late], responses: { 410: 'It was there', 401: 'Who are you?' } })
    add() {
      return { text: 'x' };
    }
    @Get('/page') @Describe({ responses: { 200: 'A page' }, produces: 'text/html' }) page() {
      return 'x';
    }
    @Get('/live') @Describe({ responses: { 101: 'Messages' } }) live() {
      return 'x';
    }
  }
  Controller()(Refusing);
  const schemaOf = ({ responses }: Operation, status: number | string) =>
    responses[status]?.content?.['application/problem+json']?.schema;
  const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

  let document: Document;
  beforeAll(async () => {
    document = await documentOf([Refusing], { problems: [Closed] });
  });

  test('of an operation stand at their status, each with its URI', () => {
    const add = operation('/', 'post', document);
    expect(schemaOf(add, 409)).toEqual({ anyOf: [reference('ItIsFull'), reference('TooLate')] });
    expect(document.components?.['schemas']?.['TooLate']).toEqual({
      title: 'Too late',
      description: 'The day is over.',
      externalDocs: { url: 'https://notes.example/late' },
      allOf: [
        reference('Problem'),
        {
          type: 'object',
          properties: { type: { const: 'https://notes.example/late' }, status: { const: 409 } },
        },
      ],
    });
  });

  test('of all operations stand where an operation names no status', () => {
    const { responses } = operation('/', 'post', document);
    expect([responses['4XX'], responses['default']]).toEqual([
      { $ref: '#/components/responses/Refused' },
      { $ref: '#/components/responses/Failed' },
    ]);
    const { content } = document.components?.['responses']?.['Failed'] as { content: object };
    expect(content).toEqual({
      'application/problem+json': { schema: { anyOf: [reference('Closed'), reference('Problem')] } },
    });
  });

  test('are said in words where no contract has their status, and so is every other answer', () => {
    const add = operation('/', 'post', document);
    expect([add.responses['410']?.description, schemaOf(add, 410)]).toEqual([
      'It was there',
      reference('Problem'),
    ]);
    expect([add.responses['401']?.description, schemaOf(add, 401)]).toEqual([
      'Who are you?',
      reference('Problem'),
    ]);
    const page = operation('/page', 'get', document).responses;
    expect(Object.keys(page)).toEqual(['200', '4XX', 'default']);
    expect(page['200']).toEqual({ description: 'A page', content: { 'text/html': {} } });
  });

  test('of a WebSocket are those of one that is not asked for', () => {
    const { responses } = operation('/live', 'get', document);
    expect(Object.keys(responses)).toEqual(['101', '426', '4XX', 'default']);
    expect(responses['101']).toEqual({ description: 'Messages' });
  });

  test.each([
    [{ problems: [RangeError] }, /problems\[0\].*problemType\(\) of obol\/errors made/],
    [{ problems: Full }, /problems: .* is not a list of classes/],
    [{ responses: { ok: 'x' } }, /responses: .* is not texts by status/],
  ])('that are none, %#, are a mistake', async (words, message) => {
    class Wrong {
      @Get('/') @Describe(words as never) get() {
        return null;
      }
    }
    Controller()(Wrong);
    await expect(documentOf([Wrong])).rejects.toThrow(message);
  });
});

describe('schemas', () => {
  test('that have a name, or contain themselves, stand there once; what is taken and given, apart', () => {
    const schemas = notes.components?.['schemas'] ?? {};
    expect(Object.keys(schemas)).toEqual([
      'Comment',
      'Notes_change_body',
      'Notes_form_form',
      'Notes_tree_200',
      'Notes_tree_body',
      'Problem',
    ]);
    expect(schemas['Comment']).toMatchObject({
      properties: {
        made: { type: 'string', format: 'date-time' },
        replies: { items: { $ref: '#/components/schemas/Comment' } },
      },
      additionalProperties: false,
    });
    expect(schemas['Notes_tree_body']).toMatchObject({
      properties: { left: { $ref: '#/components/schemas/Notes_tree_body' } },
    });
  });

  test('have the names that options give, that of what is taken with Input behind it where both differ', async () => {
    class Named {
      @Post('/', { body: NewComment, returns: NewComment }) add() {
        return { text: 'x' };
      }
      @Post('/tree', { body: Tree }) tree() {
        return null;
      }
    }
    Controller()(Named);
    const { components } = await documentOf([Named], { schemas: { Remark: NewComment, 'A Tree': Tree } });
    expect(Object.keys(components?.['schemas'] ?? {})).toEqual([
      'A_Tree',
      'Problem',
      'Remark',
      'RemarkInput',
    ]);
  });

  test('that stand in several places are there once, under the name of the first', async () => {
    class Twice {
      @Post('/a', { body: NewComment }) one() {
        return null;
      }
      @Post('/b', { body: z.object({ text: z.string().min(1), marks: z.array(z.string()).default([]) }) })
      two() {
        return null;
      }
      @Post('/c', { body: z.object({ other: z.string() }) }) three() {
        return null;
      }
    }
    Controller()(Twice);
    const document = await documentOf([Twice]);
    const reference = { $ref: '#/components/schemas/Twice_one_body' };
    expect(operation('/a', 'post', document).requestBody?.content['application/json']?.schema).toEqual(
      reference,
    );
    expect(operation('/b', 'post', document).requestBody?.content['application/json']?.schema).toEqual(
      reference,
    );
    expect(Object.keys(document.components?.['schemas'] ?? {})).toEqual(['Problem', 'Twice_one_body']);
  });

  test('of arktype that contain themselves are named by where they stand, not by how many there are', async () => {
    const tree = type.module({ node: { 'next?': 'node' } }).node;
    class Nodes {
      @Post('/', { body: tree }) add() {
        return null;
      }
    }
    Controller()(Nodes);
    const { components } = await documentOf([Nodes]);
    expect(Object.keys(components?.['schemas'] ?? {})).toEqual(['Nodes_add_body', 'Problem']);
  });

  test.each([
    ['a b', 'a_b'],
    ['a/b', 'a_b'],
    ['%41', '_41'],
    ['%zz', '_zz'],
    ['~1', '_1'],
    ['constructor', 'constructor'],
    ['__proto__', 'C_add_body'],
  ])('with the name %j are found under %s', async (id, name) => {
    const named = z.object({ a: z.string() }).meta({ id });
    class C {
      @Post('/', { body: z.object({ inner: named, others: z.array(named) }) }) add() {
        return null;
      }
    }
    Controller()(C);
    const document = await documentOf([C]);
    const text = JSON.stringify(document);
    expect(text).toContain(`"inner":{"$ref":"#/components/schemas/${name}"}`);
    expect(document.components?.['schemas']?.[name]).toMatchObject({ properties: { a: { type: 'string' } } });
    expect(text).not.toContain('$defs');
  });

  test('of a library that says nothing of them come from an option, and are a mistake without it', async () => {
    class Valibot {
      @Post('/', { body: v.object({ age: v.number(), name: v.optional(v.string()) }) }) add() {
        return null;
      }
    }
    Controller()(Valibot);
    const document = await documentOf([Valibot], {
      toJsonSchema: (schema, direction) =>
        schema['~standard'].vendor === 'valibot'
          ? toJsonSchema(schema as v.GenericSchema, { typeMode: direction, target: 'draft-2020-12' })
          : undefined,
    });
    expect(operation('/', 'post', document).requestBody?.content['application/json']?.schema).toEqual({
      type: 'object',
      properties: { age: { type: 'number' }, name: { type: 'string' } },
      required: ['age'],
    });
    await expect(documentOf([Valibot])).rejects.toThrow(/schemas of valibot do not say .* toJsonSchema/);
  });
});

describe('security', () => {
  const ApiKey = createGuard(
    'ApiKey',
    () => () => undefined,
    () => ({ name: 'key', scheme: { type: 'apiKey', in: 'header', name: 'API-Key' } }),
  );
  class Guarded {
    @Get('/open') open() {
      return null;
    }
    @Get('/basic') @CheckBasic('Staff', users) basic() {
      return null;
    }
    @Get('/bearer') @CheckBearer(new StaticTokens([]), { scope: ['read', 'write'] }) bearer() {
      return null;
    }
    @Get('/digest') @CheckDigest('Staff') digest() {
      return null;
    }
    @Get('/form') @CheckFormLogin() form() {
      return null;
    }
    @Get('/own') @ApiKey() own() {
      return null;
    }
    @Get('/address') @GrantAddress('10.0.0.0/8') address() {
      return null;
    }
    @Get('/any') @anyOf(GrantAddress('10.0.0.0/8'), CheckBasic('Staff', users), ApiKey()) any() {
      return null;
    }
    @Get('/both') @CheckBasic('Staff', users) @ApiKey() both() {
      return null;
    }
    @Get('/mixed')
    @ApiKey()
    @anyOf(allOf(CheckBasic('Staff', users), GrantAddress('::1')), CheckDigest('Staff'))
    mixed() {
      return null;
    }
  }
  Controller()(Guarded);
  const features = [
    digest({ secretKey: KEY, authMap: new PasswordMap() }),
    formLogin({ users, keeper: cookieLogin({ keys: [KEY] }) }),
  ];

  let guarded: Document;
  beforeAll(async () => {
    guarded = await documentOf([Guarded], {}, { features });
  });

  test.each([
    ['/open', [], ['default']],
    ['/basic', [{ basic: [] }], ['401', '403', 'default']],
    ['/bearer', [{ bearer: ['read', 'write'] }], ['401', '403', 'default']],
    ['/digest', [{ digest: [] }], ['401', '403', 'default']],
    ['/form', [{ login: [] }], ['401', '403', 'default']],
    ['/own', [{ key: [] }], ['401', '403', 'default']],
    ['/address', [], ['403', 'default']],
    ['/any', [{}, { basic: [] }, { key: [] }], ['401', '403', 'default']],
    ['/both', [{ basic: [], key: [] }], ['401', '403', 'default']],
    [
      '/mixed',
      [
        { basic: [], key: [] },
        { digest: [], key: [] },
      ],
      ['401', '403', 'default'],
    ],
  ])('of %s is %j', (path, security, statuses) => {
    const found = operation(path, 'get', guarded);
    expect(found.security).toEqual(security);
    expect(Object.keys(found.responses)).toEqual(statuses);
  });

  test('names the schemes of guards, unless options say otherwise', async () => {
    const digestScheme = { type: 'http', scheme: 'digest', description: 'For members' };
    const { components } = await documentOf(
      [Guarded],
      { securitySchemes: { digest: digestScheme } },
      { features },
    );
    expect(components?.['securitySchemes']).toEqual({
      basic: { type: 'http', scheme: 'basic', description: 'Staff' },
      bearer: { type: 'http', scheme: 'bearer' },
      digest: digestScheme,
      key: { type: 'apiKey', in: 'header', name: 'API-Key' },
      login: { type: 'apiKey', in: 'cookie', name: 'login' },
    });
  });
});

describe('words', () => {
  test('are the names of controllers and methods, and what is said of them', async () => {
    expect(operation('/notes/{id}', 'get')).toMatchObject({
      tags: ['Notes'],
      summary: 'Show',
      deprecated: true,
    });
    expect(operation('/notes/{id}/comments', 'post')).toMatchObject({ summary: 'Comments' });
    expect(notes['tags']).toEqual([{ name: 'Notes', description: 'All about notes' }]);
    expect(notes.paths['/notes/{id}']?.['delete']).toBeUndefined();
    const other = await documentOf([Notes], {
      tags: { Notes: 'Other words' },
      operations: { 'Notes.show': { summary: 'One', tags: ['Reading'] }, 'Notes.tree': { hidden: true } },
    });
    expect(operation('/notes/{id}', 'get', other)).toMatchObject({ summary: 'One', tags: ['Reading'] });
    expect(other['tags']).toEqual([{ name: 'Notes', description: 'Other words' }, { name: 'Reading' }]);
    expect(other.paths['/notes/tree']).toBeUndefined();
  });

  test('for programs are one for each operation, whatever routes a method has', async () => {
    class Ids {
      @Get('/a') plain() {
        return null;
      }
      @Route('/b', ['POST', 'PUT']) both() {
        return null;
      }
      @Get('/c') @Get('/d') twice() {
        return null;
      }
      @Get('/e') @Describe({ operationId: 'own.name' }) named() {
        return null;
      }
    }
    Controller()(Ids);
    const { paths } = await documentOf([Ids]);
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual([
      'Ids_plain',
      'Ids_both_post',
      'Ids_both_put',
      'Ids_twice_get_c',
      'Ids_twice_get_d',
      'own.name',
    ]);
  });

  test('for programs are those of a function, or where that has none its method and path', async () => {
    const list = () => null;
    const routes = [
      { path: '/a', handler: list },
      { path: '/b/<id:int>', handler: () => null },
      { path: '/c', methods: 'POST', handler: { POST: () => null }.POST },
      { path: '/d', methods: 'PUT', handler: { default: () => null }.default },
    ] as const;
    const { paths } = await documentOf([], {}, { features: [{ routes }] });
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual(['list', 'get_b_id', 'post_c', 'put_d']);
  });

  test.each([
    [{ info: { title: 'x' } }, /openapi\.info\.version/],
    [{ info: INFO, version: '2.0' }, /openapi\.version/],
    [{ info: INFO, operations: { a: { sumary: '' } } }, /sumary.*summary/s],
    [{ info: INFO, paht: '/x' }, /paht.*path/s],
  ])('that are wrong, such as %j, are a mistake', (options, message) => {
    expect(() => openapi(options as never)).toThrow(message);
  });

  test.each([
    [
      'Notes.shwo',
      /openapi\.operations: "Notes\.shwo" is not the name of a handler\. Did you mean "Notes\.show"\? \(.*openapi\.test\.ts:\d+:\d+\)$/,
    ],
    ['notes.show', /Did you mean "Notes\.show"\?/],
    ['lsit', /"lsit" is not the name of a handler\. Did you mean "list"\?/],
    [
      'Elsewhere.index',
      /"Elsewhere\.index" is not the name of a handler\. Names are Controller\.method, or that of a function, as app\.routes lists them/,
    ],
    ['toString', /"toString" is not the name of a handler/],
  ])('of %s, which nothing is called, are a mistake at bootstrap', async (name, message) => {
    const list = () => null;
    const features = [{ routes: [{ path: '/functions', handler: list }] }];
    const made = documentOf([Notes], { operations: { list: {}, [name]: { hidden: true } } }, { features });
    await expect(made).rejects.toThrow(
      expect.objectContaining({ code: 'E_SETTING', message: expect.stringMatching(message) as unknown }),
    );
  });

  test('of several names that nothing has are said all at once', async () => {
    const made = documentOf([Notes], { operations: { 'Notes.shwo': {}, 'Notes.tere': {} } });
    await expect(made).rejects.toThrow(/"Notes\.show".*\n.*"Notes\.tree"/);
  });

  test('that are wrong on a method are a mistake at bootstrap', async () => {
    class Wrong {
      @Get('/') @Describe({ summary: 1 } as never) get() {
        return null;
      }
    }
    Controller()(Wrong);
    await expect(documentOf([Wrong])).rejects.toThrow(/@Describe of Wrong\.get\.summary/);
  });
});

/** An object that contains itself. */
function circle(): object {
  const made: Record<string, unknown> = {};
  made['itself'] = made;
  return made;
}

describe('the document', () => {
  test.each(['3.1', '3.2'] as const)('is valid by the specification of %s', async (version) => {
    const document = await documentOf([Notes], { version });
    expect(await new Validator().validate(document as unknown as string)).toEqual({ valid: true });
  });

  test('is the same text whenever it is written, and in whatever order routes were found', async () => {
    class More {
      @Get('/more', { returns: Comment }) more(): never {
        throw new Error();
      }
    }
    Controller()(More);
    const texts = await Promise.all(
      [
        [Notes, More],
        [More, Notes],
      ].map(async (list) => JSON.stringify(await documentOf(list))),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  test('is at two addresses, with a tag that clients can ask by, and follows routes that change', async () => {
    const app = await bootstrap({
      controllers: [Notes],
      features: [openapi({ info: INFO, path: '/api/v1' })],
    });
    const client = new TestClient(app);
    const json = await client.get('/api/v1.json');
    const yaml = await client.get('/api/v1.yaml');
    expect([json.headers.get('content-type'), yaml.headers.get('content-type')]).toEqual([
      'application/json',
      'application/yaml',
    ]);
    expect(parse(await yaml.text())).toEqual(await json.json());
    const again = await client.get('/api/v1.json', {
      headers: { 'If-None-Match': json.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    app.routes.add('/later', function later() {
      return 'later';
    });
    expect(
      (await (await client.get('/api/v1.json')).json<Document>()).paths['/later']?.['get']?.operationId,
    ).toBe('later');
    app.routes.remove('/later');
    expect(await (await client.get('/api/v1.json')).json()).toEqual(await json.json());
  });

  test('names the mount around its application as server', async () => {
    const inner = await bootstrap({ controllers: [Notes], features: [openapi({ info: INFO })] });
    const outer = new TestClient(
      await bootstrap({ controllers: [Notes], middleware: [mount('/v1', inner.handle)] }),
    );
    expect(await (await outer.get('/v1/openapi.json')).json()).toMatchObject({ servers: [{ url: '/v1' }] });
  });

  test('names the mount as URLs have it, whatever a client has put there', async () => {
    const inner = await bootstrap({ controllers: [Notes], features: [openapi({ info: INFO })] });
    const outer = await bootstrap({ controllers: [Notes], middleware: [mount('/<name>', inner.handle)] });
    const client = new TestClient(outer);
    const base = '/a%3Fb%22%20%5C%3Cc%3E';
    expect(await (await client.get(`${base}/openapi.json`)).json()).toMatchObject({
      servers: [{ url: base }],
    });
    const html = await (await client.get(`${base}/docs`)).text();
    expect(html).toContain(`"url":"${base}/openapi.json"`);
    expect(html).toContain(`href="${base}/docs/swagger-ui.css"`);
  });

  test.each<[what: string, value: unknown]>([
    ['a BigInt', 1n],
    ['a circle', circle()],
  ])('is not written with what JSON has no place for: %s', async (_what, value) => {
    class Shown {
      @Get('/') @Describe({ examples: { 200: value } }) show() {
        return null;
      }
    }
    Controller()(Shown);
    await expect(documentOf([Shown])).rejects.toThrow(/@Describe of Shown\.show\.examples/);
    await expect(documentOf([Notes], { info: { ...INFO, 'x-more': value } })).rejects.toThrow(/is no JSON/);
  });

  test('is not written with what is no JSON Schema', async () => {
    const toJsonSchema = () => 5 as never;
    await expect(documentOf([Notes], { toJsonSchema })).rejects.toThrow(/^.*openapi\.toJsonSchema gives/s);
    expect(() => openapi({ info: INFO, servers: [{}] as never })).toThrow(/openapi\.servers\[0\]/);
  });

  test('has no defaults of the moment, and no bounds without an end', async () => {
    const at = z.date().default(() => new Date());
    const id = z.string().default(() => randomUUID());
    const body = z.object({ at, id, size: z.number().max(Infinity).default(1) });
    class Made {
      @Post('/', { body }) make() {
        return null;
      }
    }
    Controller()(Made);
    const { paths } = await documentOf([Made]);
    expect(paths['/']?.['post']?.requestBody?.content['application/json']?.schema).toMatchObject({
      properties: {
        at: { type: 'string', format: 'date-time' },
        id: { type: 'string' },
        size: { type: 'number', default: 1 },
      },
    });
    const text = JSON.stringify(paths);
    expect([text.match(/"default":1/g), text.includes('maximum')]).toEqual([['"default":1'], false]);
  });

  test('is behind the guards that it is given', async () => {
    const features = [openapi({ info: INFO, guards: [GrantAddress('10.0.0.0/8')] })];
    const client = new TestClient(await bootstrap({ controllers: [Notes], features }));
    expect([(await client.get('/openapi.json')).status, (await client.get('/openapi.yaml')).status]).toEqual([
      403, 403,
    ]);
  });

  test('is one for an application', async () => {
    const twice = [openapi({ info: INFO }), openapi({ info: INFO, path: '/other', docs: false })];
    expect(await problemsOf([Notes], { features: twice })).toHaveLength(1);
  });
});

test('docs/openapi.md shows an application that works', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/openapi.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const source = blocks.filter((code) => /^class /m.test(code)).join('');
  const { app } = run(
    source
      .replace('const app = await', 'export const app = () =>')
      .replaceAll(/(?<=controllers: \[)Notes/g, 'Notes, Books'),
    'legacy',
    {
      ...{ obol, zod: { z }, 'obol/auth': { CheckBearer, StaticTokens } },
      ...{ 'obol/openapi': { Describe, openapi }, 'obol/errors': { problemType } },
    },
  ) as { app: () => ReturnType<typeof bootstrap> };
  const client = new TestClient(await app());
  expect(await (await client.post('/books/1/notes')).json()).toEqual({
    ...{ type: 'https://notes.example/problems/full', title: 'The notebook is full', status: 409 },
    ...{ detail: 'It holds 100 notes', limit: 100 },
  });
  const document = await (await client.get('/openapi.json')).json<Document>();
  expect(operation('/notes', 'post', document)).toMatchObject({
    summary: 'Adds a note',
    security: [{ bearer: [] }],
  });
  expect(Object.keys(operation('/books/{id}/notes', 'post', document).responses)).toEqual([
    '404',
    '409',
    'default',
  ]);
});

describe('the page', () => {
  test('has two scripts by a nonce, asks nothing of others, and finds the document below a mount', async () => {
    const servers = [{ url: 'https://api.example/v1' }, { url: '/v2' }];
    const inner = await bootstrap({ controllers: [Notes], features: [openapi({ info: INFO, servers })] });
    const client = new TestClient(
      await bootstrap({ controllers: [Notes], middleware: [mount('/v1', inner.handle)] }),
    );
    const page = await client.get('/v1/docs');
    const html = await page.text();
    const [, nonce = ''] = /nonce="([^"]+)"/.exec(html) ?? [];
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(new RegExp(`<script nonce="${nonce.replace(/[+]/g, '\\+')}"`, 'g'))).toHaveLength(2);
    expect(html).toContain('"url":"/v1/openapi.json"');
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; ` +
        "connect-src 'self' https://api.example; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect((await client.get('/v1/docs/swagger-ui.css')).headers.get('content-type')).toMatch(/^text\/css/);
    expect((await client.get('/v1/docs/package.json')).status).toBe(404);
  });

  test('is elsewhere, behind guards, or nowhere', async () => {
    const ask = async (options: Partial<Parameters<typeof openapi>[0]>, path: string): Promise<number> => {
      const features = [openapi({ info: INFO, ...options })];
      return (await new TestClient(await bootstrap({ controllers: [Notes], features })).get(path)).status;
    };
    expect(await ask({ docs: '/api/read' }, '/api/read')).toBe(200);
    expect(await ask({ docs: false }, '/docs')).toBe(404);
    expect(await ask({ guards: [GrantAddress('10.0.0.0/8')] }, '/docs')).toBe(403);
  });

  test('needs its package', () => {
    const parts = { title: 'x', path: '/docs', document: '/openapi.json', origins: [] };
    expect(() => pageRoutes(parts, null)).toThrow(/npm install swagger-ui-dist/);
  });
});

describe('a document changes when its application does:', () => {
  const OWN = problemType({ type: '/problems/full', title: 'It is full', status: 409 });
  const Silent = createGuard('Silent', () => () => undefined);
  const contract = {
    body: z.object({ text: z.string().max(9), more: z.int().optional() }),
    query: z.object({ limit: z.int().default(20), label: z.array(z.string()).optional() }),
    headers: z.object({ 'x-tenant': z.string() }),
    cookies: z.object({ theme: z.enum(['dark', 'light']) }),
    returns: { 200: Comment, 201: Comment, 204: null, 404: z.object({ why: z.string() }) },
  };
  const form = fields({ caption: z.string().optional(), photo: file({ types: ['image/png'], size: 9 }) });
  const description = {
    ...{ summary: 'S', description: 'D', tags: ['T'], operationId: 'O', deprecated: true },
    ...{ parameters: { id: 'Number' }, responses: { 200: 'Well', 418: 'Tea' }, problems: [OWN] },
    ...{ examples: { body: { text: 'x' } }, produces: 'application/hal+json' },
  };
  const guards = {
    basic: CheckBasic('Staff', users),
    bearer: CheckBearer(new StaticTokens([]), { scope: 'read' }),
    digest: CheckDigest('Staff'),
    form: CheckFormLogin(),
    address: GrantAddress('10.0.0.0/8'),
    silent: Silent(),
    'groups, the second of two': Groups('staff'),
    any: anyOf(CheckBasic('A', users), CheckBasic('B', users)),
    all: allOf(CheckBasic('A', users), CheckBasic('B', users)),
  };
  const features = [
    digest({ secretKey: KEY, authMap: new PasswordMap() }),
    formLogin({ users, keeper: cookieLogin({ keys: [KEY] }) }),
  ];

  interface Parts {
    readonly path: string;
    readonly method: string;
    readonly contract: object;
    readonly description: object;
    readonly guards: object;
    readonly form?: object;
  }
  const WHOLE: Parts = { path: '/a/<id:int>', method: 'POST', contract, description, guards };

  async function textOf(parts: Parts): Promise<string> {
    class Changing {
      @Route('/form', 'PUT', parts.form ?? {}) form() {
        return null;
      }
      change(): null {
        return null;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Changing.prototype, 'change');
    const decorators = [
      ...Object.values(parts.guards as Record<string, MethodDecorator>),
      Describe(parts.description),
      Route(parts.path, parts.method as 'POST', parts.contract as never),
    ];
    for (const decorate of decorators)
      (decorate as MethodDecorator)(Changing.prototype, 'change', descriptor as never);
    Controller('/x')(Changing);
    return JSON.stringify(await documentOf([Changing], { docs: false }, { features }));
  }

  const withoutEach = (name: 'contract' | 'description' | 'guards'): [string, Partial<Parts>][] =>
    Object.keys(WHOLE[name]).map((part) => [
      `${name} without ${part}`,
      { [name]: Object.fromEntries(Object.entries(WHOLE[name]).filter(([each]) => each !== part)) },
    ]);
  const withContract = (parts: object): Partial<Parts> => ({ contract: { ...contract, ...parts } });
  const CHANGES: readonly [string, Partial<Parts>][] = [
    ...withoutEach('contract'),
    ...withoutEach('description'),
    ...withoutEach('guards'),
    ...([200, 201, 204, 404] as const).map((status): [string, Partial<Parts>] => {
      const rest = Object.fromEntries(Object.entries(contract.returns).filter(([s]) => s !== String(status)));
      return [`an answer without ${String(status)}`, withContract({ returns: rest })];
    }),
    ['another filter', { path: '/a/<id>' }],
    ['a filter of its own', { path: '/a/<id:re:\\d+>' }],
    ['another path', { path: '/b/<id:int>' }],
    ['another method', { method: 'PUT' }],
    ['QUERY', { method: 'QUERY' }],
    ['a scope', { guards: { ...guards, bearer: CheckBearer(new StaticTokens([]), { scope: 'write' }) } }],
    ['a realm', { guards: { ...guards, basic: CheckBasic('Others', users) } }],
    ['a bound', withContract({ body: z.object({ text: z.string().max(10), more: z.int().optional() }) })],
    ['what is wanted', withContract({ body: z.object({ text: z.string().max(9), more: z.int() }) })],
    [
      'a default',
      withContract({ query: z.object({ limit: z.int().default(21), label: z.array(z.string()) }) }),
    ],
    ['a value', withContract({ cookies: z.object({ theme: z.enum(['dark']) }) })],
    ['a type of bodies', withContract({ bodyTypes: ['application/merge-patch+json'] })],
    ['each', withContract({ returns: { ...contract.returns, 200: each(Comment) } })],
    ['a member that is given', withContract({ returns: { ...contract.returns, 201: NewComment } })],
    ['a form', { form: { form } }],
    ['a file', { form: { form: fields({ caption: z.string().optional() }) } }],
    ['types of files', { form: { form: fields({ photo: file({ types: ['image/jpeg'], size: 9 }) }) } }],
    ['a size of files', { form: { form: fields({ photo: file({ types: ['image/png'], size: 8 }) }) } }],
    ['hidden', { description: { ...description, hidden: true } }],
  ];

  test('no two of these are the same, and none that of the whole', async () => {
    const texts = new Map([[await textOf(WHOLE), 'the whole']]);
    expect(CHANGES.length).toBeGreaterThan(40);
    for (const [name, parts] of CHANGES) {
      const text = await textOf({ ...WHOLE, ...parts });
      expect(`${name} is ${texts.get(text) ?? 'new'}`).toBe(`${name} is new`);
      texts.set(text, name);
    }
  });
});

/** Handlers that fit their templates: this file must compile. */
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Default,
  ErrorHandler,
  Get,
  HttpState,
  path,
  Post,
  Route,
  urlFor,
  Use,
  type Application,
  type HttpError,
  type PathFilterSet,
  type Request,
  type Response,
} from 'obol';
import {
  ParsedForm,
  request,
  UploadedFile,
  type Page,
  type TestClient,
  type TestResponse,
} from 'obol/testing';

declare module 'obol' {
  interface PathFilters {
    date: Date;
    colour: 'red' | 'blue';
    code: string;
  }
}

class NotFound extends Error {
  readonly what = 'nothing';
}

const people = path('/people/<team>');
const person = people.path('/<surname:word>/<age:int>');
const computed = path(String('/<id:int>'));

const Level = createGuard('Level', (_setup, _least: number) => () => undefined);

@Level(1)
@Use((request, next) => next(request))
@Controller('/accepted')
export class Accepted {
  @Route('/<surname:word>/<age:int>')
  exact(_req: Request, _surname: string, _age: number) {
    return null;
  }

  @Route('/<surname:word>/<age:int>', ['PUT', 'PATCH'])
  fewer(_req: Request, _surname: string) {
    return null;
  }

  @Get('/nothing')
  none() {
    return null;
  }

  @Get('/<name>')
  optional(_req: Request, _name?: string, _more = 1) {
    return null;
  }

  @Get('/<name>/<id:int>/rest')
  rest(_req: Request, ..._values: (string | number)[]) {
    return null;
  }

  @Get('/<name>/unknown')
  unknown(_req: Request, _name: unknown) {
    return null;
  }

  @Get('/<n:re:(?<x>[a-z]+):\\d>/<id:int>')
  inlinePattern(_req: Request, _n: string, _id: number) {
    return null;
  }

  @Get('/on/<day:date>')
  ownFilter(_req: Request, day: Date) {
    return day.toISOString();
  }

  @Get('/<h:hex>/<u:uuid>/<f:float>/<p:path>')
  everyFilter(_req: Request, _h: string, _u: string, _f: number, _p: string) {
    return null;
  }

  @Get(/\/archive\/(\d{4})(?:\/(\d\d))?/)
  expression(_req: Request, year: string, month?: string) {
    return [year, month];
  }

  @Route(/\/(.*)/, 'POST')
  groups(_req: Request, ..._groups: (string | undefined)[]) {
    return null;
  }

  @Post('/<id:int>')
  async asynchronous(_req: Request, id: number) {
    return Promise.resolve(id);
  }

  @Get('/stream/<id:int>')
  async *stream(_req: Request, id: number) {
    yield String(await Promise.resolve(id));
  }

  @Get('/generic/<name>')
  generic<T>(_req: Request, name: T): T {
    return name;
  }

  @Get('/one')
  @Get('/one/<id:int>')
  twice(_req: Request, _id?: number) {
    return null;
  }

  @Get('/lacking')
  withDefault(_req: Request, _id = 0, _name?: string) {
    return null;
  }

  @Route(String('/computed'))
  computed(_req: Request, _anything: string) {
    return null;
  }

  @Level(2)
  @Get('/guarded')
  guarded() {
    return null;
  }

  @ErrorHandler(NotFound)
  onNotFound(_req: Request, error: NotFound) {
    return error.what;
  }

  @ErrorHandler(NotFound, 'GET')
  onAnyError(_req: Request, error: Error) {
    return error.message;
  }

  @HttpState(404)
  missing(_req: Request, error: HttpError) {
    return error.message;
  }

  @BeforeResponse()
  before(_req: Request) {
    return undefined;
  }

  @AfterResponse()
  after(_req: Request, response: Response) {
    response.headers.set('X-After', 'yes');
  }

  @Get('/links/<id:int>')
  ownUrls(req: Request, id: number) {
    return [urlFor(req, Accepted, 'ownUrls', id + 1), urlFor(Accepted, 'none')];
  }

  @Post('/items:batch')
  @Post('/<kind>:batch')
  @Post('/:/:1/<name:re:[a/:b]+>')
  colons(_req: Request, _name?: string) {
    return null;
  }

  @Default()
  otherwise(_req: Request) {
    return null;
  }
}

@Controller(people)
export class PathValues {
  @Get(person)
  show(_req: Request, _team: string, _surname: string, _age: number) {
    return null;
  }

  @Post(people)
  fewer() {
    return null;
  }

  @Get('/<id:int>')
  relative(_req: Request, _id: number) {
    return null;
  }

  @Get(person.path('/<n>'))
  below(_req: Request, _team: string, _surname: string, _age: number, _n: string) {
    return null;
  }

  @Get(computed)
  @Get(path('/people/<team>/twice'))
  twice(_req: Request, _team: string) {
    return null;
  }

  links(req: Request) {
    return [
      urlFor(req, person, 'a', 'smith', 42),
      urlFor(person, 'a', 'smith', 42),
      person.url('a', 'smith', 42),
    ];
  }
}

export const templates: ['/people/<team>/<surname:word>/<age:int>', '/', '/a', '/a', '/a/b', '/b', string] = [
  person.template,
  path('/').path('/').template,
  path('/a/').path('/').template,
  path('/a').path('').template,
  path('/a').path('b').template,
  path('/').path('/b').template,
  computed.path('/b').template,
];

export const filters: PathFilterSet = {
  date: { pattern: /[\d-]+/, convert: (text) => new Date(text), format: (date) => date.toISOString() },
  colour: { pattern: /red|blue/, convert: (text) => (text === 'red' ? 'red' : undefined) },
  code: { pattern: /[A-Z]+/, format: (code) => code.toUpperCase() },
  int: { pattern: /\d/, convert: Number },
  undeclared: { pattern: /x/, convert: (text) => text.length },
};

export const urls = [
  computed.url(1, 'anything'),
  people.url('a'),
  urlFor(Accepted, 'exact', 'smith', 42),
  urlFor(Accepted, 'none'),
  urlFor(Accepted, 'rest', 'a', 1),
];

/** What tests of controllers are written with. */
export const requests = [
  request('/people/smith/42', {
    params: { surname: 'smith', age: 42 },
    user: { name: 'smith' },
    query: { page: 2 },
  }),
  request('/', { form: { name: 'smith', hobby: ['chess', 'go'], nice: true }, session: { items: [] } }),
  request('/', { files: { photo: { filename: 'me.png', content: new Uint8Array() } } }),
  request('/', { form: ParsedForm.of({ a: ['1'] }, [UploadedFile.of('photo', 'bytes')]) }),
  request('/', { data: 'text', signal: new AbortController().signal }),
];

export async function readPage(client: TestClient): Promise<string> {
  const page: Page = await (await client.post('/', { body: new FormData(), expect: ['2xx', 404] })).page();
  const response: TestResponse = await page.form('login').fill({ user: 'smith', remember: true }).submit();
  return (await page.click(/out/)).url + response.url;
}

export const added = ({ routes }: Application, unknown: string, either: string | RegExp) => [
  routes.add('/', () => null),
  routes.add('/<id:int>', (req, id) => [req.path, id.toFixed()]),
  routes.add(person, (_req, team, _surname, age) => [team.trim(), age.toFixed()], ['GET', 'PUT']),
  routes.add(/\/(.*)/, (_req, rest: string) => rest),
  routes.add('/items:batch', () => null),
  routes.add(unknown, () => null),
  routes.add(either, () => null),
  routes.add(path(unknown), () => null),
];

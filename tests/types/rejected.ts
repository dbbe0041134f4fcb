/** Handlers that do not fit: every marked line must be a compile error, or this file does not compile. */
import {
  AfterResponse,
  Controller,
  createGuard,
  ErrorHandler,
  Get,
  HttpState,
  path,
  Post,
  Route,
  urlFor,
  type Application,
  type PathFilterSet,
  type Request,
} from 'obol';

class NotFound extends Error {
  readonly what = 'nothing';
}

const people = path('/people/<team>');
const person = people.path('/<surname:word>/<age:int>');

const Level = createGuard('Level', (_setup, _least: number) => () => undefined);

@Controller()
export class Rejected {
  readonly label = 'no method';

  // @ts-expect-error -- ["parameter 1 of '/wrong/<age:int>' is", number, "the handler takes", string]
  @Route('/wrong/<age:int>')
  wrongType(_req: Request, _age: string) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/swapped/<surname:word>/<age:int>' is", string, "the handler takes", number]
  @Route('/swapped/<surname:word>/<age:int>')
  swapped(_req: Request, _age: number, _surname: string) {
    return null;
  }

  // @ts-expect-error -- ["'/many/<id:int>' gives no more; the handler also takes", string]
  @Get('/many/<id:int>')
  tooMany(_req: Request, _id: number, _more: string) {
    return null;
  }

  // @ts-expect-error -- ["a regular expression gives the request and strings; the handler takes", [_req: Request, _id: number]]
  @Get(/\/numbers\/(\d+)/)
  notText(_req: Request, _id: number) {
    return null;
  }

  @Get('/lacking/<id:int>')
  // @ts-expect-error -- ["'/lacking' gives no more; the handler also takes", number]
  @Get('/lacking')
  lacking(_req: Request, _id: number) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/optional/<id:int>' is", number, "the handler takes", string]
  @Get('/optional/<id:int>')
  optional(_req: Request, _id?: string) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/narrow/<id:int>' is", number, "the handler takes"
  @Get('/narrow/<id:int>')
  narrower(_req: Request, _id: 1 | 2) {
    return null;
  }

  // @ts-expect-error -- ["there is no path filter 'itn'; there are"
  @Get('/unknown/<id:itn>')
  unknownFilter(_req: Request, _id: number) {
    return null;
  }

  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  @Get('/colons/:id')
  colon(_req: Request, _id: string) {
    return null;
  }

  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  @Get('/colons/:id')
  colonAlone() {
    return null;
  }

  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  @Get(':id')
  colonFirst() {
    return null;
  }

  // @ts-expect-error -- ["write '<user_id>' in place of ':user_id'"]
  @Get('/<shop>/:1/:user_id(\\d+)')
  colonBehind(_req: Request, _shop: string) {
    return null;
  }

  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  @Get(path('/colons').path('/:id'))
  colonInPath() {
    return null;
  }

  // @ts-expect-error -- ["there is no path filter 'itn'; there are"
  @Get('/unknown/<id:itn>')
  unknownFilterAlone() {
    return null;
  }

  // @ts-expect-error -- ["the first parameter is the request, not", number]
  @Post('/first/<id:int>')
  requestMissing(_id: number) {
    return null;
  }

  // @ts-expect-error -- "FETCH" is no method
  @Route('/method', 'FETCH')
  method() {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 2 gets", NotFound, "it takes", NotFound & { where: string; }]
  @ErrorHandler(NotFound)
  onNotFound(_req: Request, _error: NotFound & { where: string }) {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 2 gets", HttpError, "it takes", NotFound]
  @HttpState(404)
  missing(_req: Request, _error: NotFound) {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 2 gets", Response, "it takes", string]
  @AfterResponse()
  after(_req: Request, _response: string) {
    return undefined;
  }

  // @ts-expect-error -- the guard takes a number
  @Level('high')
  @Get('/guarded')
  guarded() {
    return null;
  }

  @Get('/<name>')
  show(_req: Request, _name: string) {
    return null;
  }
}

// @ts-expect-error -- there is no method "shwo"
export const misspelt = urlFor(Rejected, 'shwo', 'smith');

// @ts-expect-error -- the parameter is text
export const wrongParameter = urlFor(Rejected, 'show', 42);

// @ts-expect-error -- the parameter is missing
export const missingParameter = urlFor(Rejected, 'show');

// @ts-expect-error -- "label" is no method
export const noMethod = urlFor(Rejected, 'label');

// @ts-expect-error -- "requestMissing" takes no request, so it is no handler
export const noHandler = urlFor(Rejected, 'requestMissing', 42);

@Controller(people)
export class PathValues {
  // @ts-expect-error -- ["parameter 2 of '/people/<team>/<surname:word>/<age:int>' is", string, "the handler takes", number]
  @Get(person)
  withoutPrefix(_req: Request, _surname: string, _age: number) {
    return null;
  }

  // @ts-expect-error -- ["parameter 3 of '/people/<team>/<surname:word>/<age:int>' is", number, "the handler takes", string]
  @Post(person)
  wrongType(_req: Request, _team: string, _surname: string, _age: string) {
    return null;
  }

  // @ts-expect-error -- ["'/people/<team>' gives no more; the handler also takes", string]
  @Get(people)
  tooMany(_req: Request, _team: string, _surname: string) {
    return null;
  }

  // @ts-expect-error -- ["there is no path filter 'wrod'; there are"
  @Get(people.path('/<surname:wrod>'))
  unknownFilter(_req: Request, _team: string, _surname: string) {
    return null;
  }
}

// @ts-expect-error -- <age:int> is a number
export const wrongValue = person.url('a', 'smith', '42');

// @ts-expect-error -- a value is missing
export const missingValue = person.url('a', 'smith');

// @ts-expect-error -- a value too many
export const surplusValue = person.url('a', 'smith', 42, 43);

// @ts-expect-error -- the first is text
export const wrongLink = urlFor(person, 1, 'smith', 42);

export const wrongLinks = (req: Request) => [
  // @ts-expect-error -- <age:int> is a number
  urlFor(req, person, 'a', 'smith', '42'),
  // @ts-expect-error -- a value is missing
  urlFor(req, person, 'a', 'smith'),
  // @ts-expect-error -- a value too many
  urlFor(req, people, 'a', 'smith'),
];

export const added = ({ routes }: Application) => [
  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  routes.add('/:id', () => null),
  // @ts-expect-error -- ["write '<id>' in place of ':id'"]
  routes.add('/shop/<name>/:id', (_req, _name) => null),
  // @ts-expect-error -- a path value with ":id"
  routes.add(path('/shop').path('/:id'), () => null),
  // @ts-expect-error -- ["there is no path filter 'itn'; there are"
  routes.add('/<id:itn>', () => null),
  // @ts-expect-error -- <id:int> is a number
  routes.add('/<id:int>', (_req, _id: string) => null),
];

export const filters: PathFilterSet[] = [
  // @ts-expect-error -- a Date has to be made of the text
  { date: { pattern: /[\d-]+/ } },
  // @ts-expect-error -- and not a number
  { date: { pattern: /[\d-]+/, convert: Number } },
  // @ts-expect-error -- not every text is a colour
  { colour: { pattern: /red|blue/ } },
  // @ts-expect-error -- a code is text
  { code: { pattern: /[A-Z]+/, convert: (text) => text.length } },
  // @ts-expect-error -- a Date is written, not a text
  { date: { pattern: /[\d-]+/, convert: (text) => new Date(text), format: (date: string) => date } },
  // @ts-expect-error -- handlers take <n:int> as a number
  { int: { pattern: /\d/ } },
];

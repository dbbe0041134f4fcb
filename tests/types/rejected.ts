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

  // @ts-expect-error -- <age:int> is a number
  @Route('/wrong/<age:int>')
  wrongType(_req: Request, _age: string) {
    return null;
  }

  // @ts-expect-error -- the parameters are the other way round
  @Route('/swapped/<surname:word>/<age:int>')
  swapped(_req: Request, _age: number, _surname: string) {
    return null;
  }

  // @ts-expect-error -- the path gives one parameter
  @Get('/many/<id:int>')
  tooMany(_req: Request, _id: number, _more: string) {
    return null;
  }

  // @ts-expect-error -- the groups of an expression are texts
  @Get(/\/numbers\/(\d+)/)
  notText(_req: Request, _id: number) {
    return null;
  }

  @Get('/lacking/<id:int>')
  // @ts-expect-error -- one of the paths lacks what the method cannot do without
  @Get('/lacking')
  lacking(_req: Request, _id: number) {
    return null;
  }

  // @ts-expect-error -- an optional parameter has the type of the filter, too
  @Get('/optional/<id:int>')
  optional(_req: Request, _id?: string) {
    return null;
  }

  // @ts-expect-error -- narrower than what the filter gives
  @Get('/narrow/<id:int>')
  narrower(_req: Request, _id: 1 | 2) {
    return null;
  }

  // @ts-expect-error -- there is no filter "itn"
  @Get('/unknown/<id:itn>')
  unknownFilter(_req: Request, _id: number) {
    return null;
  }

  // @ts-expect-error -- the request comes first
  @Post('/first/<id:int>')
  requestMissing(_id: number) {
    return null;
  }

  // @ts-expect-error -- "FETCH" is no method
  @Route('/method', 'FETCH')
  method() {
    return null;
  }

  // @ts-expect-error -- the handler gets a NotFound, which has no "where"
  @ErrorHandler(NotFound)
  onNotFound(_req: Request, _error: NotFound & { where: string }) {
    return null;
  }

  // @ts-expect-error -- a state handler gets an HttpError
  @HttpState(404)
  missing(_req: Request, _error: NotFound) {
    return null;
  }

  // @ts-expect-error -- an after hook gets a response
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
  // @ts-expect-error -- a path value gives the parameters of the prefix, too
  @Get(person)
  withoutPrefix(_req: Request, _surname: string, _age: number) {
    return null;
  }

  // @ts-expect-error -- <age:int> is a number
  @Post(person)
  wrongType(_req: Request, _team: string, _surname: string, _age: string) {
    return null;
  }

  // @ts-expect-error -- the path gives one parameter
  @Get(people)
  tooMany(_req: Request, _team: string, _surname: string) {
    return null;
  }

  // @ts-expect-error -- there is no filter "wrod"
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

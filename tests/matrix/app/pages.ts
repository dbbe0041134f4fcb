/** What else a method can be, and what a class can ask for. */
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  Data,
  Default,
  ErrorHandler,
  Form,
  Get,
  HttpState,
  Json,
  Post,
  reply,
  Route,
  Use,
  type Request,
  type Response,
} from 'obol';
import { CheckBasic, CheckDigest, Groups } from 'obol/auth';
import { Session } from 'obol/session';
import { marked } from './decorators.ts';
import { users } from './users.ts';
import { Asked, Members } from './services.ts';
import { Registry } from './registry.ts';

interface Visitor {
  name: string;
}

@Controller('', Members, Registry)
export class PagesController {
  #before = 0;
  readonly #members: Members;
  readonly #registry: Registry;

  constructor(members: Members, registry: Registry) {
    this.#members = members;
    this.#registry = registry;
  }

  @BeforeResponse()
  before() {
    this.#before++;
  }

  @AfterResponse()
  after(_req: Request, response: Response) {
    response.headers.set('X-Before', String(this.#before));
  }

  @HttpState(404)
  missing(req: Request) {
    return { missing: req.path };
  }

  @ErrorHandler(RangeError)
  outOfRange(_req: Request, error: RangeError) {
    return reply(error.message, 'text/plain', {}, 400);
  }

  @Default('DELETE')
  gone() {
    return 'deleted';
  }

  @Get('/range')
  range(): string {
    throw new RangeError('too far');
  }

  @Route(/\/file-(\d+)/, ['GET', 'PUT'])
  file(_req: Request, number: string) {
    return { number };
  }

  @Get('/titles')
  @Use(marked)
  titles() {
    return [this.#members.title, this.#registry.title];
  }

  @Post('/json')
  @Json({ limit: 20 })
  json(req: Request) {
    return req.json;
  }

  @Post('/form')
  @Form({ fields: 2 })
  form(req: Request) {
    return { name: req.form.getFirst('name') };
  }

  @Post('/data')
  @Data(4)
  data(req: Request) {
    return { bytes: req.data?.length };
  }

  @Get('/digest')
  @CheckDigest('Matrix')
  digest(req: Request) {
    return String(req.user);
  }

  @Get('/basic')
  @CheckBasic('Matrix', users)
  @Groups('staff')
  basic(req: Request) {
    return String(req.user);
  }
}

@Controller('/session', Session, Asked)
export class SessionController {
  readonly #session: Session<Visitor>;
  readonly #asked: Asked;

  constructor(session: Session<Visitor>, asked: Asked) {
    this.#session = session;
    this.#asked = asked;
  }

  @Get('/')
  show() {
    return { name: this.#session.get('name') ?? null, path: this.#asked.path };
  }

  @Post('/')
  keep(req: Request) {
    this.#session.set('name', String(req.form.getFirst('name')));
    return null;
  }
}

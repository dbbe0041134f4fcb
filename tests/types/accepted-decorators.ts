/** Classes and methods of every kind, decorated: this file must compile, with legacy decorators and with standard ones. */
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
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
  type ClassDecorator,
  type ClassOrMethodDecorator,
  type HttpError,
  type MethodDecorator,
  type Request,
  type Response,
  type RouteDecorator,
} from 'obol';
import { MetadataKey } from 'obol/kit';

const TAGS = new MetadataKey<string>('acme.tags');
const Tag = (text: string): ClassOrMethodDecorator => TAGS.decorator(text, Tag);
const Titled = (text: string): ClassDecorator => TAGS.classDecorator(text, Titled);
const Named = (text: string): MethodDecorator => TAGS.methodDecorator(text, Named);
const Level = createGuard('Level', (_setup, _least: number) => () => undefined);
const Item = (): RouteDecorator<'/item/<id:int>'> => Get('/item/<id:int>');

const symbol = Symbol('handler');
const NAME = 'computed';

type Constructor<T extends object = object> = new (...args: any[]) => T;

abstract class Base<T> {
  abstract value(): T;

  @Get('/concrete') concrete(_req: Request): T {
    return this.value();
  }

  @Tag('base') @Get('/overridden/<id:int>') overridden(_req: Request, id: number): unknown {
    return id;
  }
}

function Countable<B extends Constructor>(base: B) {
  class Countable extends base {
    @Get('/count/<from:int>') count(_req: Request, from: number) {
      return from;
    }

    @Post('/<name>') @Level(1) named<T extends string>(_req: Request, name: T) {
      return name;
    }
  }
  return Countable;
}

@Tag('class')
@Titled('class')
@Level(1)
@Use((request, next) => next(request))
@Form({ files: 1 })
@Json(false)
@Data(100)
@Controller('/all')
export class All extends Countable(
  class extends Base<number> {
    value() {
      return 1;
    }
  },
) {
  readonly #secret = 1;

  override overridden(_req: Request, id: number) {
    return id + this.#secret;
  }

  @Get('/symbol') [symbol](_req: Request) {
    return null;
  }

  @Get('/computed/<id:int>') [NAME](_req: Request, _id: number) {
    return null;
  }

  @Get('/quoted') 'quoted name'(_req: Request) {
    return null;
  }

  @Get('/this/<id:int>') withThis(this: All, _req: Request, id: number) {
    return this.overridden(_req, id);
  }

  @Get('/generic/<id:int>') generic<T extends number | string>(_req: Request, id: T): T {
    return id;
  }

  @Get('/wide/<id:int>/<name>') wide(_req: unknown, _id: number | string, _name: {}) {
    return null;
  }

  @Get('/any/<id:int>') any(..._all: any[]) {
    return null;
  }

  @Get('/never') never(_req: Request): never {
    throw new Error('never');
  }

  overloads(req: Request, id: number): string;
  @Get('/overloads/<id:int>') overloads(_req: Request, id: number | string) {
    return String(id);
  }

  @Get('/generator') *generator(_req: Request) {
    yield 'a';
  }

  @Get('/async') async asynchronous(_req: Request) {
    return reply(await Promise.resolve(1), { status: 201 });
  }

  @Get('/private') private hidden(_req: Request) {
    return this.guarded();
  }

  @Get('/protected') protected guarded() {
    return null;
  }

  @Tag('method')
  @Named('method')
  @Level(2)
  @Use()
  @Json({})
  @Form(false)
  @Data(false)
  @Get('/decorated')
  decorated() {
    return this.hidden;
  }

  @Item() item(_req: Request, _id: number) {
    return null;
  }

  @Route(/\/loose\/(.*)/) groups(_req: unknown, ..._groups: unknown[]) {
    return null;
  }

  @ErrorHandler(Error) fails(_req: Request, error: Error) {
    return error.message;
  }

  @ErrorHandler(RangeError, 'GET') failsWithout() {
    return null;
  }

  @HttpState(404, 'GET') state(_req: Request, error: HttpError) {
    return error.status;
  }

  @BeforeResponse() before() {
    return undefined;
  }

  @AfterResponse() async after(_req: unknown, response: Response) {
    return Promise.resolve(response);
  }

  @Default('PUT') otherwise(_req: Request, ..._more: string[]) {
    return null;
  }

  @Tag('static') static helper() {
    return null;
  }
}

class Plain {
  show(_req: Request, id: number) {
    return id;
  }
}

// Called by hand, as in JavaScript.
Get('/<id:int>')(Plain.prototype, 'show', { value: Plain.prototype.show });
Level(1)(Plain.prototype, 'show', { value: Plain.prototype.show });
Level(1)(Plain);
Controller('/by-hand')(Plain);

export const decorators: ClassOrMethodDecorator[] = [Level(1), Use(), Tag('x'), Json(false)];

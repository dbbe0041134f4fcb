/** Decorators that do not fit what they stand on: the compiler must refuse each marked line, with those words. */
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Default,
  ErrorHandler,
  Get,
  HttpState,
  Json,
  Post,
  Route,
  type HttpError,
  type Request,
  type Response,
} from 'obol';
import { MetadataKey } from 'obol/kit';

const TAGS = new MetadataKey<string>('acme.tags');
const Titled = (text: string) => TAGS.classDecorator(text, Titled);
const Named = (text: string) => TAGS.methodDecorator(text, Named);
const Level = createGuard('Level', (_setup, _least: number) => () => undefined);

abstract class Base<T> {
  // @ts-expect-error -- ["parameter 1 of '/concrete/<id:int>' is", number, "the handler takes", string]
  @Get('/concrete/<id:int>')
  concrete(_req: Request, _id: string) {
    return null;
  }

  // @ts-expect-error -- nothing is known of T
  @Get('/generic/<id:int>')
  generic(_req: Request, _id: T) {
    return null;
  }
}

@Controller()
export class Rejected extends Base<string> {
  // @ts-expect-error -- ["parameter 2 of '/second/<id:int>/<on:float>' is", number, "the handler takes", string]
  @Get('/second/<id:int>/<on:float>')
  second(_req: Request, _id: number, _on: string) {
    return null;
  }

  // @ts-expect-error -- ["'/<id:int>' gives no more; the handler also takes", boolean]
  @Post('/<id:int>')
  surplus(_req: Request, _id: number, _more: boolean) {
    return null;
  }

  // @ts-expect-error -- ["the first parameter is the request, not", Response]
  @Get('/first')
  first(_response: Response) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/rest/<id:int>' is", number, "the handler takes", string]
  @Get('/rest/<id:int>')
  rest(_req: Request, ..._values: [string]) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/async/<id:int>' is", number, "the handler takes", Date]
  @Get('/async/<id:int>')
  async asynchronous(_req: Request, _id: Date) {
    return Promise.resolve();
  }

  // @ts-expect-error -- ["parameter 1 of '/generator/<id:int>' is", number, "the handler takes", string]
  @Get('/generator/<id:int>')
  *generator(_req: Request, id: string) {
    yield id;
  }

  // @ts-expect-error -- ["parameter 1 of '/this/<id:int>' is", number, "the handler takes", string]
  @Get('/this/<id:int>')
  withThis(this: Rejected, _req: Request, _id: string) {
    return null;
  }

  // @ts-expect-error -- ["parameter 1 of '/route/<name>' is", string, "the handler takes", number]
  @Route('/route/<name>', ['PUT', 'PATCH'])
  route(_req: Request, _name: number) {
    return null;
  }

  // @ts-expect-error -- ["a regular expression gives the request and strings; the handler takes", [
  @Get(/\/(\d+)/)
  expression(_req: Request, _id: Date) {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 2 gets", HttpError, "it takes", string]
  @HttpState(500)
  state(_req: Request, _error: string) {
    return null;
  }

  // @ts-expect-error -- ["the handler gets no more; it also takes", string]
  @HttpState(501)
  stateAndMore(_req: Request, _error: HttpError, _more: string) {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 1 gets", Request, "it takes", RangeError]
  @ErrorHandler(RangeError)
  swapped(_error: RangeError, _req: Request) {
    return null;
  }

  // @ts-expect-error -- ["the handler gets no more; it also takes", Response]
  @BeforeResponse()
  before(_req: Request, _response: Response) {
    return null;
  }

  // @ts-expect-error -- ["the handler's parameter 1 gets", Request, "it takes", Response]
  @AfterResponse()
  after(_response: Response) {
    return null;
  }

  // @ts-expect-error -- ["the handler gets no more; it also takes", string]
  @Default()
  otherwise(_req: Request, _path: string) {
    return null;
  }

  // @ts-expect-error -- a field is no method
  @Get('/field') field = () => null;

  // @ts-expect-error -- a field cannot be guarded
  @Level(1) guardedField = 1;

  // @ts-expect-error -- nor can its body be read
  @Json(false) readField = () => null;

  // @ts-expect-error -- a getter is no method
  @Get('/getter') get getter() {
    return null;
  }

  // @ts-expect-error -- a setter is no method
  @BeforeResponse() set setter(_value: unknown) {}

  // @ts-expect-error -- for classes alone
  @Titled('x') titled() {
    return null;
  }

  // @ts-expect-error -- without parentheses
  @Level bare() {
    return null;
  }

  // @ts-expect-error -- without parentheses
  @BeforeResponse bareHook() {
    return null;
  }
}

// @ts-expect-error -- for methods alone
@Get('/class')
export class Routed {}

// @ts-expect-error -- for methods alone
@Named('x')
export class Misnamed {}

// @ts-expect-error -- without parentheses
@Controller
export class Bare {}

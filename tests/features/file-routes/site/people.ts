/** A controller by its file, with a prefix of its own. */
import { Controller, createGuard, Get, HttpError, Post, type Request } from 'obol';

const CheckKey = createGuard('CheckKey', () => (request) => {
  if (!request.headers.has('x-key')) throw new HttpError(423);
});

@Controller('/all')
export default class PeopleController {
  @Get('/<id:int>')
  show(_request: Request, id: number) {
    return { id };
  }

  @Post('/')
  create(request: Request) {
    return request.json;
  }
}

export const guards = [CheckKey()];

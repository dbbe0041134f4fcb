/** A controller in a guarded folder, with a guard of its own. */
import { Controller, createGuard, Get, HttpError } from 'obol';

const CheckKey = createGuard('CheckKey', () => (request) => {
  if (!request.headers.has('x-key')) throw new HttpError(423);
});

@Controller()
export default class PayController {
  @Get('/')
  show() {
    return 'pay';
  }
}

export const guards = [CheckKey()];

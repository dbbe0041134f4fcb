/** A folder behind a guard, with nothing else around it. */
import { createGuard, HttpError } from 'obol';

const CheckMember = createGuard('CheckMember', () => (request) => {
  if (!request.headers.has('x-member')) throw new HttpError(401);
});

export const guards = [CheckMember()];

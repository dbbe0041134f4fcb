/** A folder behind a guard of its own, after that of the folder around it. */
import { createGuard, HttpError, type Middleware } from 'obol';

const CheckStaff = createGuard('CheckStaff', () => (request) => {
  if (!request.headers.has('x-staff')) throw new HttpError(403);
});

export const guards = [CheckStaff()];

const mark: Middleware = async (request, next) => {
  const response = await next(request);
  response.headers.set('X-Around', 'staff');
  return response;
};

export default mark;

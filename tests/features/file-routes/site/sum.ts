/** A handler with a guard, a contract and middleware, each an export. */
import { createGuard, HttpError, type Middleware } from 'obol';
import { z } from 'zod';

const CheckKey = createGuard('CheckKey', () => (request) => {
  if (!request.headers.has('x-key')) throw new HttpError(423);
});

export const methods = 'POST';
export const guards = [CheckKey()];
export const contract = { body: z.object({ numbers: z.array(z.number()) }) };
export const middleware: Middleware[] = [
  async (request, next) => (await next(request)).with({ status: 201 }),
];

export default function sum(_request: unknown, { body }: { body: { numbers: number[] } }) {
  return body.numbers.reduce((total, number) => total + number, 0);
}

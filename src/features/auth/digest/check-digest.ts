/** How an application asks for digest authentication: the feature with its settings, and the decorator. */
import { ObolError } from '../../../ground/errors.js';
import type { Feature } from '../../../application/feature.js';
import { createGuard } from '../../../decorators/wrapping.js';
import type { GuardSetup } from '../../../message/guard.js';
import { isPromise, type Middleware } from '../../../message/handler.js';
import { Declined } from '../../../message/responses.js';
import type { Response } from '../../../message/response.js';
import { Digest, DIGEST_LOGIN } from './digest.js';
import type { DigestOptions } from './settings.js';

/** The token under which {@link digest} leaves its {@link Digest}, for those who check by hand. */
export const DIGEST = Symbol('digest authentication: features: [digest({ secretKey, authMap })]');

/**
 * Digest authentication for an application: what `@CheckDigest` checks with, and Authentication-Info in the answers.
 *
 * @example await bootstrap({ controllers, features: [digest({ secretKey, authMap: new PasswordMap('users.digest') })] });
 * @throws ObolError E_SETTING for a wrong option
 */
export function digest(options: DigestOptions): Feature {
  return {
    providers: [{ provide: DIGEST, useValue: new Digest(options) }],
    middleware: [authenticationInfo()],
    start: () => options.nonceStore?.start?.(),
    close: () => options.nonceStore?.close?.(),
  };
}

/**
 * Lets through who can log in to the realm, or only the one user named, before a body is read; `request.user` is the name
 * then. Everyone else gets 401.
 *
 * @example
 * @Get('/admin') @CheckDigest('Admin Zone')
 * admin(req: Request) { return `Hello, ${req.user}`; }
 */
export const CheckDigest = createGuard('CheckDigest', (setup, realm: string, user?: string) =>
  digestOf(setup).guard(realm, user),
);

function digestOf(setup: GuardSetup): Digest {
  const checker = setup.tryResolve<Digest>(DIGEST);
  if (checker) return checker;
  throw new ObolError(
    'E_AUTH',
    'there are no settings to check with. Add features: [digest({ secretKey, authMap })] to those of bootstrap.',
  );
}

/** Tells clients who ask that the server knows the password, too (RFC 7616 3.5). */
function authenticationInfo(): Middleware {
  // A handler may give the same response again, to somebody else.
  const marked = new WeakSet<Response>();
  const answer = (response: Response, info: string | undefined): Response => {
    if (info !== undefined && response.status !== 401 && !(response instanceof Declined)) {
      const { headers } = response;
      if (headers.has('Authentication-Info')) headers.set('Authentication-Info', info);
      else headers.append('Authentication-Info', info);
      marked.add(response);
    } else if (marked.has(response)) response.headers.delete('Authentication-Info');
    return response;
  };
  return (request, next) => {
    const response = next(request);
    return isPromise(response)
      ? response.then((settled) => answer(settled, request.get(DIGEST_LOGIN)?.info))
      : answer(response, request.get(DIGEST_LOGIN)?.info);
  };
}

/** An application that logs in by OpenID Connect, and its provider on a socket. */
import { expect } from '@jest/globals';
import { Controller, Get, Post, type Request } from 'obol';
import { cookieLogin } from '../../src/features/auth/login/cookie.js';
import { CheckOidcLogin, oidcLogin } from '../../src/features/sso/check-oidc-login.js';
import { OidcLogin, type OidcOptions } from '../../src/features/sso/oidc-login.js';
import type { TestClient } from '../../src/hosts/testing/test-client.js';
import { start } from './client.js';
import { CLIENT, OidcTestProvider } from './oidc-provider.js';

@Controller()
export class Pages {
  constructor(private readonly oidc: OidcLogin) {}

  @Get('/members')
  @CheckOidcLogin()
  members(req: Request) {
    return { user: req.user };
  }
  @Get('/login')
  login(req: Request) {
    return this.oidc.begin(req, req.args.getFirst('next'));
  }
  @Post('/logout')
  leave(req: Request) {
    return this.oidc.leave(req);
  }
}

export const keys = ['a key of 32 bytes, or of even more'];
export const html = { headers: { Accept: 'text/html' } };
export const text = { headers: { Accept: 'text/plain' } };
export const options: OidcOptions = {
  ...CLIENT,
  issuer: 'https://id.example.org',
  service: 'https://app.example.org',
  keeper: cookieLogin({ keys }),
  keys,
};

/** @param bootstrap settings of the application; its features go before that of the log-in */
export async function open(
  over: Partial<OidcOptions> = {},
  { features: before = [], ...bootstrap }: Parameters<typeof start>[1] = {},
) {
  const provider = await OidcTestProvider.start();
  const feature = oidcLogin({ ...options, issuer: provider.issuer, ...over });
  const { app, client, logger } = await start(Pages, { ...bootstrap, features: [...before, feature] });
  return { provider, app, client, logger, [Symbol.asyncDispose]: () => provider.close() };
}
export type World = Awaited<ReturnType<typeof open>>;

export async function toProvider(client: TestClient, path = '/members?a=b'): Promise<URL> {
  return new URL((await client.get(path, html)).headers.get('location') ?? '');
}

/** As a browser would go: to the provider, and back with a code. @returns the path of the way back */
export async function wayBack({ provider, client }: World, path?: string): Promise<string> {
  const back = provider.authorize(await toProvider(client, path));
  expect(back.origin).toBe('https://app.example.org');
  return back.pathname + back.search;
}

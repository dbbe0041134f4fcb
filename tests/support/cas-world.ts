/** An application that logs in by CAS, and its server on a socket. */
import { expect } from '@jest/globals';
import { Controller, Get, Post, type Request } from 'obol';
import { CasTestServer, TestClient } from 'obol/testing';
import { casGroups } from '../../src/features/sso/cas-keeper.js';
import { CasLogin, type CasOptions } from '../../src/features/sso/cas-login.js';
import { casLogin, CheckCasLogin } from '../../src/features/sso/check-cas-login.js';
import { cookieLogin } from '../../src/features/auth/login/cookie.js';
import { start } from './client.js';
import { serve } from './serve.js';

@Controller()
export class Pages {
  constructor(private readonly cas: CasLogin) {}

  @Get('/members')
  @CheckCasLogin()
  members(req: Request) {
    return { user: req.user, groups: casGroups(req) };
  }
  @Post('/logout')
  leave(req: Request) {
    return this.cas.leave(req);
  }
}

export const options: CasOptions = {
  server: 'https://cas.example.org/cas',
  service: 'https://app.example.org',
  keeper: cookieLogin({ keys: ['a key of 32 bytes, or of even more'] }),
};
export const html = { headers: { Accept: 'text/html' } };

/** @param bootstrap settings of the application; its features go before that of the log-in */
export async function open(
  over: Partial<CasOptions> = {},
  { features: before = [], ...bootstrap }: Parameters<typeof start>[1] = {},
) {
  const cas = new CasTestServer();
  cas.user = { user: 'smith', attributes: { group: ['staff', 'cas-ticket:ST-1'] } };
  const { server } = await serve(cas.handle);
  const feature = casLogin({
    ...options,
    server: `${server.url}/cas`,
    groupsOf: (attributes) => attributes.get('group') ?? [],
    ...over,
  });
  const { app, client, logger } = await start(Pages, { ...bootstrap, features: [...before, feature] });
  return { cas, server, app, client, logger, [Symbol.asyncDispose]: () => server.close() };
}

export type World = Awaited<ReturnType<typeof open>>;

/** As a browser would go: to CAS, and back with a ticket. @returns the path with the ticket */
export async function ticketPath({ cas, client }: World, path = '/members?a=b', headers = html.headers) {
  const sent = new URL((await client.get(path, { headers })).headers.get('location') ?? '');
  const back = await new TestClient(cas.handle).get(sent.pathname + sent.search);
  const url = new URL(back.headers.get('location') ?? '');
  expect(url.origin).toBe('https://app.example.org');
  return url.pathname + url.search;
}

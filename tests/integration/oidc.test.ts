/** OpenID Connect as a browser meets it: an application and a provider, each on a socket of its own. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Request } from 'obol';
import { cookieLogin } from 'obol/auth';
import { CheckOidcLogin, oidcLogin } from 'obol/sso';
import { CookieJar } from '../../src/hosts/testing/cookie-jar.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { CLIENT, OidcTestProvider } from '../support/oidc-provider.js';

const keys = ['a key of 32 bytes, or of even more'];

@Controller()
class Pages {
  @Get('/members')
  @CheckOidcLogin()
  members(req: Request) {
    return `Hello, ${String(req.user)}`;
  }
}

/** The application must know its own address before it listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('behind @CheckOidcLogin', () => {
  let app: Awaited<ReturnType<typeof bootstrap>>;
  let provider: OidcTestProvider;
  let service = '';

  beforeAll(async () => {
    provider = await OidcTestProvider.start();
    const port = await freePort();
    service = `http://127.0.0.1:${port}`;
    const feature = oidcLogin({
      ...CLIENT,
      issuer: provider.issuer,
      service,
      keys,
      keeper: cookieLogin({ keys }),
    });
    app = await bootstrap({ controllers: [Pages], features: [feature], logger: collectingLogger() });
    await app.listen({ port, host: '127.0.0.1', signals: false, drainLinger: 20 });
  });

  afterAll(async () => {
    await app.close();
    await provider.close();
  });

  /** Goes on as long as it is sent on; cookies go to the application alone. */
  async function browse(start: string, jar = new CookieJar()) {
    const visited: string[] = [];
    for (let url = new URL(start); ;) {
      const isOurs = url.origin === service;
      const cookie = Object.entries(jar.toObject())
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');
      const headers = { Accept: 'text/html', ...(isOurs && { Cookie: cookie }) };
      const response = await fetch(url, { redirect: 'manual', headers });
      visited.push(`${isOurs ? 'app' : 'provider'} ${url.pathname} ${response.status}`);
      if (isOurs) jar.store(response.headers.getSetCookie());
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) return { visited, text };
      url = new URL(location, url);
    }
  }

  test('a browser goes to the provider, comes back, and is let in', async () => {
    const jar = new CookieJar();
    expect(await browse(`${service}/members`, jar)).toEqual({
      visited: ['app /members 303', 'provider /authorize 303', 'app /login/callback 303', 'app /members 200'],
      text: 'Hello, smith',
    });
    expect((await browse(`${service}/members`, jar)).visited).toEqual(['app /members 200']);
    expect(Object.keys(jar.toObject())).toEqual(['login']);
  });

  test('a link to the way back logs in nobody who has not gone there', async () => {
    const { headers } = await fetch(`${service}/members`, {
      redirect: 'manual',
      headers: { Accept: 'text/html' },
    });
    const back = provider.authorize(new URL(headers.get('location') ?? ''));
    expect((await browse(back.href)).visited).toEqual(['app /login/callback 400']);
  });
});

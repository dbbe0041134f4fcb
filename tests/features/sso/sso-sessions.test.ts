/** Single sign-on with logins in sessions: whoever planted a session in a browser is not logged in with it. */
import { describe, expect, test } from '@jest/globals';
import { Controller, Get, Post, type Request } from 'obol';
import { casLogin, CheckCasLogin } from '../../../src/features/sso/check-cas-login.js';
import { sessionLogin } from '../../../src/features/auth/login/session.js';
import { CheckOidcLogin, oidcLogin } from '../../../src/features/sso/check-oidc-login.js';
import { memorySessionStore } from '../../../src/features/session/memory-store.js';
import { sessions } from '../../../src/features/session/sessions.js';
import { CasTestServer } from '../../../src/hosts/testing/cas-server.js';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { options as casOptions } from '../../support/cas-world.js';
import { start } from '../../support/client.js';
import { OidcTestProvider } from '../../support/oidc-provider.js';
import { options as oidcOptions } from '../../support/oidc-world.js';
import { serve } from '../../support/serve.js';

const html = { headers: { Accept: 'text/html' } };

/** A way to log in: the application, and what the server does with somebody who is sent to it. */
interface Way {
  client: TestClient;
  app: ConstructorParameters<typeof TestClient>[0];
  through(location: URL): Promise<URL> | URL;
  close(): Promise<void>;
}

function newStore() {
  const store = sessions({ store: memorySessionStore() });
  return { store, keeper: sessionLogin((request) => store.of(request)) };
}

const { store: casStore, keeper: casKeeper } = newStore();
const { store: oidcStore, keeper: oidcKeeper } = newStore();

@Controller()
class CasPages {
  @Post('/basket')
  fill(req: Request) {
    casStore.of(req).set('basket', 'apples');
    return '';
  }
  @Get('/members')
  @CheckCasLogin()
  members(req: Request) {
    return [req.user, casStore.of(req).get('basket')];
  }
}

@Controller()
class OidcPages {
  @Post('/basket')
  fill(req: Request) {
    oidcStore.of(req).set('basket', 'apples');
    return '';
  }
  @Get('/members')
  @CheckOidcLogin()
  members(req: Request) {
    return [req.user, oidcStore.of(req).get('basket')];
  }
}

async function byCas(): Promise<Way> {
  const cas = new CasTestServer();
  cas.user = { user: 'smith' };
  const { server } = await serve(cas.handle);
  const login = casLogin({ ...casOptions, server: `${server.url}/cas`, keeper: casKeeper });
  const { app, client } = await start(CasPages, { features: [casStore, login] });
  const through = async ({ pathname, search }: URL) => {
    const back = await new TestClient(cas.handle).get(pathname + search);
    return new URL(back.headers.get('location') ?? '');
  };
  return { app, client, through, close: () => server.close() };
}

async function byOidc(): Promise<Way> {
  const provider = await OidcTestProvider.start();
  const login = oidcLogin({ ...oidcOptions, issuer: provider.issuer, keeper: oidcKeeper });
  const { app, client } = await start(OidcPages, { features: [oidcStore, login] });
  return { app, client, through: (location) => provider.authorize(location), close: () => provider.close() };
}

describe.each([
  ['CAS', byCas],
  ['OpenID Connect', byOidc],
])('by %s', (_what, begin) => {
  test('the session goes on under another id, with what it holds', async () => {
    const way = await begin();
    const { app, client } = way;
    try {
      await client.post('/basket');
      const planted = client.cookies.toObject();
      const sent = await client.get('/members', html);
      const back = await way.through(new URL(sent.headers.get('location') ?? ''));
      expect((await client.get(back.pathname + back.search)).status).toBe(303);
      expect(await (await client.get('/members')).json()).toEqual(['smith', 'apples']);
      expect((await new TestClient(app).get('/members', { ...html, cookies: planted })).status).toBe(303);
    } finally {
      await way.close();
    }
  });
});

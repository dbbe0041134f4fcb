// Fastify 5 with @fastify/secure-session: sealed by libsodium's secretbox.

import { randomBytes } from 'node:crypto';
import secureSession from '@fastify/secure-session';
import fastify from 'fastify';
import { serve } from '../serve.mjs';
import { greeting, userName } from '../workloads.mjs';

const app = fastify();
app.register(secureSession, {
  key: randomBytes(32),
  cookieName: 'SESSID',
  cookie: { path: '/', httpOnly: true, sameSite: 'lax' },
});

app.get('/text', async () => greeting);
app.get('/login', async ({ session }) => {
  session.set('user', userName);
  session.set('visits', 0);
  return userName;
});
app.get('/user', async ({ session }) => session.get('user') ?? 'nobody');
app.get('/visits', async ({ session }) => {
  const visits = (session.get('visits') ?? 0) + 1;
  session.set('visits', visits);
  return { visits };
});

await serve(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});

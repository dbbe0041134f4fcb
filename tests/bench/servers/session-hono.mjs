// Hono 4 with a session in its own signed cookie, which everybody can read; with --sealed in one of iron-session.

import { randomBytes } from 'node:crypto';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { getSignedCookie, setSignedCookie } from 'hono/cookie';
import { getIronSession } from 'iron-session';
import { listen, serve } from '../serve.mjs';
import { greeting, userName } from '../workloads.mjs';

const password = randomBytes(32).toString('hex');
const attributes = { path: '/', httpOnly: true, sameSite: 'Lax' };
const sealing = {
  password,
  cookieName: 'SESSID',
  cookieOptions: { secure: false, path: '/', httpOnly: true, sameSite: 'lax', maxAge: undefined },
};
const app = new Hono();

const signed = {
  async open(c) {
    const text = await getSignedCookie(c, password, 'SESSID');
    return text ? JSON.parse(text) : {};
  },
  save: (c, session) => setSignedCookie(c, 'SESSID', JSON.stringify(session), password, attributes),
};
const sealed = {
  open: (c) => getIronSession(c.req.raw, c.res, sealing),
  save: (c, session) => session.save(),
};
const { open, save } = process.argv.includes('--sealed') ? sealed : signed;

app.get('/text', (c) => c.text(greeting));
app.get('/login', async (c) => {
  const session = await open(c);
  Object.assign(session, { user: userName, visits: 0 });
  await save(c, session);
  return c.text(userName);
});
app.get('/user', async (c) => {
  const { user = 'nobody' } = await open(c);
  return c.text(user);
});
app.get('/visits', async (c) => {
  const session = await open(c);
  session.visits = (session.visits ?? 0) + 1;
  await save(c, session);
  return c.json({ visits: session.visits });
});

await serve(() => listen(createAdaptorServer({ fetch: app.fetch })));

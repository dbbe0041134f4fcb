/** Forms, sessions and guards tested alone; then a page of the whole application, filled in as its reader does. */
import { expect, test } from '@jest/globals';
import { bootstrap } from 'obol';
import { csrf } from 'obol/csrf';
import { Session, sessions } from 'obol/session';
import { guardOf, request, TestClient } from 'obol/testing';
import { Guestbook, Signed } from './guestbook.js';

const photo = { filename: 'me.png', type: 'image/png', content: 'PNG' };

test('a form and its file, given to the method', async () => {
  const session = Session.of<{ name: string }>();
  const signing = new Guestbook(session).sign(
    request('/guests', { form: { name: 'smith' }, files: { photo } }),
  );
  await expect(signing).rejects.toMatchObject({ status: 303 });
  expect(session.get('name')).toBe('smith with 3 bytes of photo');
});

test('a page with a token, without an application', () => {
  const page = new Guestbook(Session.of({ name: 'smith' })).page(request('/guests'));
  expect(page).toContain('Hello, smith.');
});

test.each([
  [{ name: 'smith' }, true],
  [{}, false],
])('a guard alone, for a client whose session holds %j', (data, passes) => {
  const check = guardOf(Signed(), { providers: [{ provide: Session, useValue: Session.of(data) }] });
  if (passes) expect(() => check(request('/guests/book'))).not.toThrow();
  else expect(() => check(request('/guests/book'))).toThrow('Sign the book first');
});

test('the page in the application: filled in, sent, followed', async () => {
  const features = [sessions({ keys: [crypto.randomUUID()] }), { middleware: [csrf()] }];
  const app = await bootstrap({ controllers: [Guestbook], features });
  const client = new TestClient(app, { followRedirects: true, expect: '2xx' });
  await client.get('/guests/book', { expect: 403 });
  const page = await (await client.get('/guests')).page();
  const signed = await page.form().fill({ name: 'smith', photo }).submit();
  expect((await signed.page()).text).toContain('Hello, smith with 3 bytes of photo.');
  expect(await (await client.get('/guests/book')).text()).toBe('The book.');
});

/** A controller tested alone, and then the same controller through the whole application, without a socket. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { bootstrap, HttpError, reply } from 'obol';
import { request, TestClient } from 'obol/testing';
import { PEOPLE_STORE, PeopleController, type PeopleStore } from './people-controller.js';

const smith = { surname: 'smith', age: 42 };
const store: PeopleStore = {
  find: (surname, age) => (surname === smith.surname && age === smith.age ? smith : undefined),
  add: (person) => person,
};

describe('the controller alone: no server, no container', () => {
  const controller = new PeopleController(store);

  test('finds a person', () => {
    expect(controller.show(request('/people/smith/42'), 'smith', 42)).toEqual(smith);
  });

  test('aborts with 404 when there is no such person', () => {
    expect(() => controller.show(request('/people/jones/7'), 'jones', 7)).toThrow(HttpError);
  });

  test('creates a person', () => {
    expect(controller.create(request('/people', { json: smith }))).toEqual(
      reply(smith, { status: 201, headers: { Location: '/people/smith/42' } }),
    );
  });
});

describe('through the application', () => {
  let client: TestClient;

  beforeEach(async () => {
    const app = await bootstrap({
      controllers: [PeopleController],
      providers: [{ provide: PEOPLE_STORE, useValue: store }],
    });
    client = new TestClient(app);
  });

  test('converts the parameters of the path', async () => {
    const response = await client.get('/people/smith/42');
    expect(await response.json()).toEqual(smith);
  });

  test('answers 422 to an age that cannot be', async () => {
    const response = await client.post('/people', { json: { surname: 'smith', age: 200 } });
    expect(response.status).toBe(422);
  });
});

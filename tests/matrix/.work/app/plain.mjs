/** Without any compiler: the decorators are called as functions, with what the language would give them. */
import assert from 'node:assert/strict';
import { bootstrap, Controller, Get, HttpState, Injectable, Token } from 'obol';
import { TestClient } from 'obol/testing';

const CLOCK = new Token('clock');

class Store {
  constructor(clock) {
    this.clock = clock;
  }
}
Injectable(CLOCK)(Store);

class PeopleController {
  constructor(store) {
    this.store = store;
  }

  show(_req, name, age) {
    return { name, age, now: this.store.clock() };
  }

  missing(req) {
    return { missing: req.path };
  }
}
const { prototype } = PeopleController;
const described = (name) => Object.getOwnPropertyDescriptor(prototype, name);
Get('/people/<name>/<age:int>')(prototype, 'show', described('show'));
HttpState(404)(prototype, 'missing', described('missing'));
Controller('', Store)(PeopleController);

const app = await bootstrap({
  controllers: [PeopleController],
  providers: [{ provide: CLOCK, useValue: () => 1000 }],
});
const client = new TestClient(app);
const ANSWERS = [
  ['/people/ann/42', 200, { name: 'ann', age: 42, now: 1000 }],
  ['/people/ann/x', 404, { missing: '/people/ann/x' }],
];
for (const [target, status, wanted] of ANSWERS) {
  const response = await client.get(target);
  assert.deepEqual([response.status, await response.json()], [status, wanted]);
}
console.log(`${ANSWERS.length} passed, 0 failed`);

/** Starts the controller of this sample with a store in memory. Its tests stand in people-controller.test.ts. */
import { bootstrap } from 'obol';
import { PEOPLE_STORE, PeopleController, type PeopleStore, type Person } from './people-controller.js';

const people: Person[] = [{ surname: 'smith', age: 42 }];
const store: PeopleStore = {
  find: (surname, age) => people.find((person) => person.surname === surname && person.age === age),
  add: (person) => {
    people.push(person);
    return person;
  },
};

const app = await bootstrap({
  controllers: [PeopleController],
  providers: [{ provide: PEOPLE_STORE, useValue: store }],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);

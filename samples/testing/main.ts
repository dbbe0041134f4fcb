/** Starts the controller of this sample with a store in memory. Its tests stand in people-controller.test.ts. */
import { bootstrap, Controller, Get } from 'obol';
import { htmlPage } from 'obol/page';
import { PEOPLE_STORE, PeopleController, type PeopleStore, type Person } from './people-controller.js';

const people: Person[] = [{ surname: 'smith', age: 42 }];
const store: PeopleStore = {
  find: (surname, age) => people.find((person) => person.surname === surname && person.age === age),
  add: (person) => {
    people.push(person);
    return person;
  },
};

@Controller()
class HomeController {
  @Get('/')
  home() {
    return htmlPage({
      title: 'People',
      main: `<p>What this sample shows is how its controllers are tested: see <code>people-controller.test.ts</code>.</p>
<p><a href="/people/smith/42">/people/smith/42</a></p>`,
    });
  }
}

const app = await bootstrap({
  controllers: [HomeController, PeopleController],
  providers: [{ provide: PEOPLE_STORE, useValue: store }],
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);

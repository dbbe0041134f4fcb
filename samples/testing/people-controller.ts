/** A controller that knows nothing of servers: it takes requests and returns plain values. */
import { abort, Controller, ErrorHandler, Get, Post, reply, Token, type Request } from 'obol';

export interface Person {
  readonly surname: string;
  readonly age: number;
}

/** What the controller needs; tests give it a fake. */
export interface PeopleStore {
  find(surname: string, age: number): Person | undefined;
  add(person: Person): Person;
}

/** The token under which a store is provided: interfaces do not exist at run time. */
export const PEOPLE_STORE = new Token<PeopleStore>('PeopleStore');

@Controller('/people', PEOPLE_STORE)
export class PeopleController {
  constructor(private readonly people: PeopleStore) {}

  @Get('/<surname:word>/<age:int>')
  show(_req: Request, surname: string, age: number) {
    return this.people.find(surname, age) ?? abort(404, `There is no ${surname}, ${age}`);
  }

  @Post('/')
  create(req: Request) {
    const person = this.people.add(readPerson(req.json));
    return reply(person, { status: 201, headers: { Location: `/people/${person.surname}/${person.age}` } });
  }

  @ErrorHandler(RangeError)
  outOfRange(_req: Request, error: RangeError) {
    return reply({ error: error.message }, { status: 422 });
  }
}

function readPerson(json: unknown): Person {
  const { surname, age } = (json ?? {}) as Partial<Person>;
  if (typeof surname !== 'string' || typeof age !== 'number') abort(400, 'A person has a surname and an age');
  if (age < 0 || age > 150) throw new RangeError(`No person is ${age} years old`);
  return { surname, age };
}

/** Controllers found by globs. */
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get } from 'obol';
import { problemsOf } from '../support/problems.js';
import { TestClient } from '../../src/hosts/testing/test-client.js';

const FIXTURES = new URL('./fixtures/controllers/', import.meta.url);

@Controller()
class IndexController {
  @Get('/') index() {
    return 'index';
  }
}

describe('controllers', () => {
  test('are found by a glob, in the order of the file names', async () => {
    const app = await bootstrap({ controllers: new URL('*.controller.mjs', FIXTURES) });
    expect([...app.routes].map(({ name }) => name)).toEqual([
      'AnimalsController.index',
      'PeopleController.index',
    ]);
    expect(await (await new TestClient(app).get('/people')).text()).toBe('people');
  });

  test('are found by a text, relative to where the program runs', async () => {
    const app = await bootstrap({ controllers: 'tests/application/fixtures/**/people.controller.mjs' });
    expect([...app.routes].map(({ path }) => path)).toEqual(['/people']);
  });

  test('are classes and globs in one list, each once', async () => {
    const people = new URL('people.controller.mjs', FIXTURES);
    const app = await bootstrap({ controllers: [IndexController, people, IndexController, people] });
    expect([...app.routes].map(({ path }) => path)).toEqual(['/', '/people']);
  });

  test('whose modules import each other in a circle are a mistake with its place', async () => {
    const [problem, ...others] = await problemsOf(new URL('../circle/*.mjs', FIXTURES));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'E_DEPENDENCY_CYCLE',
      member: 'egg.controller.mjs',
      message: expect.stringMatching(/^Egg is used before its module has run.*lazy\(\(\) => Egg\)/),
      place: expect.stringMatching(/hen\.controller\.mjs:9:\d+$/),
    });
  });

  test('whose modules throw anything else fail with that', async () => {
    await expect(bootstrap({ controllers: new URL('../broken/*.mjs', FIXTURES) })).rejects.toThrow(
      'broken module',
    );
  });
});

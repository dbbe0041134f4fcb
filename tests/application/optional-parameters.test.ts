/** Methods with several paths, some of which lack a parameter. */
import { expect, test } from '@jest/globals';
import { Controller, Get, Post, type Request } from 'obol';
import { start } from '../support/client.js';
import { computed } from '../support/computed.js';
import { problemsOf } from '../support/problems.js';

@Controller('/team/<team:int>')
class PagesController {
  @Get('/pages')
  @Get('/pages/<page:int>')
  @Get('/pages/<page:int>/<size:int>')
  list(_req: Request, page?: number, size?: number) {
    return [page ?? 'none', size ?? 'none'];
  }

  @Get('/search') search(_req: Request, word = 'all') {
    return [word];
  }
}

test.each([
  ['/team/1/pages', ['none', 'none']],
  ['/team/1/pages/7', [7, 'none']],
  ['/team/1/pages/7/20', [7, 20]],
  ['/team/1/search', ['all']],
])('%s gives the parameters it has', async (path, expected) => {
  const { client } = await start(PagesController);
  expect(await (await client.get(path)).json()).toEqual(expected);
});

@Controller()
class NeverController {
  @Get('/') @Post('/<page:int>') index(_req: Request, page?: number, size?: number) {
    return [page, size];
  }
}

@Controller()
class UnreadableController {
  @Get('/') @Get(computed('/<page:itn>')) index(_req: Request, page?: number) {
    return page;
  }
}

const CURE =
  'Add them to the path, or give them default values: a question mark (name?) does not show at run time.';

test.each([
  [
    'a parameter that no path of a method gives',
    NeverController,
    [
      [
        'E_ACTION_PARAMETERS',
        `"/" gives 0 parameters, but the method asks for 2 besides the request. ${CURE}`,
      ],
      [
        'E_ACTION_PARAMETERS',
        `"/<page:int>" gives 1 parameters, but the method asks for 2 besides the request. ${CURE}`,
      ],
    ],
  ],
  [
    'only the path that cannot be read, where that might give it',
    UnreadableController,
    [['E_ROUTE_FILTER', expect.stringContaining('Did you mean "int"?')]],
  ],
])('%s is a mistake', async (_, controller, expected) => {
  const problems = await problemsOf([controller]);
  expect(problems.map(({ code, message }) => [code, message])).toEqual(expected);
});

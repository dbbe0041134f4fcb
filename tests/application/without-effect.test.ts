/** Guards, middleware and body settings that stand where they would do nothing. */
import { describe, expect, test } from '@jest/globals';
import {
  AfterResponse,
  BeforeResponse,
  Controller,
  createGuard,
  Data,
  Default,
  ErrorHandler,
  Form,
  Get,
  HttpState,
  Json,
  Use,
  type Middleware,
} from 'obol';
import { start } from '../support/client.js';
import { problemsOf } from '../support/problems.js';

const layer: Middleware = (request, next) => next(request);
const Staff = createGuard('Staff', () => () => undefined);

@Controller()
class HandlersController {
  @Staff() @HttpState(404) missing() {
    return 1;
  }
  @ErrorHandler(RangeError) @Use(layer) range() {
    return 1;
  }
  @Use(layer) @Staff() @BeforeResponse() before() {
    return 1;
  }
  @Form({ files: 1 }) @AfterResponse() after() {
    return undefined;
  }
  @Json(false) @HttpState(400) bad() {
    return 1;
  }
  @Data(1) @HttpState(413) large() {
    return 1;
  }
  @Get('/') index() {
    return 'index';
  }
}

@Staff()
@Use(layer)
@Controller('/pages')
class OnlyHandlersController {
  @HttpState(404) missing() {
    return 1;
  }
}

class GuardedBase {
  @Staff() @Get('/base') base() {
    return 1;
  }
  @HttpState(404) missing() {
    return 1;
  }
}

@Controller('/inherits')
class InheritingController extends GuardedBase {
  @Staff() override missing() {
    return 2;
  }
}

const ROUTES = 'it is for routes and @Default handlers only.';
const CHECK = 'Make its check part of the method, or put it on routes.';
const PASS = 'Pass the middleware to bootstrap, middleware: [...], or put it on routes.';
const SET = 'Put it on routes, or set it for all of them in bootstrap.';

describe('bootstrap reports what has no effect', () => {
  test.each([
    [
      'on handlers and hooks',
      HandlersController,
      [
        ['HandlersController.missing', `@Staff has no effect on an @HttpState handler: ${ROUTES} ${CHECK}`],
        ['HandlersController.range', `@Use has no effect on an @ErrorHandler: ${ROUTES} ${PASS}`],
        ['HandlersController.before', `@Use has no effect on an @BeforeResponse hook: ${ROUTES} ${PASS}`],
        ['HandlersController.before', `@Staff has no effect on an @BeforeResponse hook: ${ROUTES} ${CHECK}`],
        ['HandlersController.after', `@Form has no effect on an @AfterResponse hook: ${ROUTES} ${SET}`],
        ['HandlersController.bad', `@Json has no effect on an @HttpState handler: ${ROUTES} ${SET}`],
        ['HandlersController.large', `@Data has no effect on an @HttpState handler: ${ROUTES} ${SET}`],
      ],
    ],
    [
      'on a controller that has handlers only',
      OnlyHandlersController,
      [
        ['OnlyHandlersController', `@Staff has no effect on a controller without routes: ${ROUTES} ${CHECK}`],
        ['OnlyHandlersController', `@Use has no effect on a controller without routes: ${ROUTES} ${PASS}`],
      ],
    ],
    [
      'on a handler that is inherited',
      InheritingController,
      [['InheritingController.missing', `@Staff has no effect on an @HttpState handler: ${ROUTES} ${CHECK}`]],
    ],
  ])('%s', async (_, controller, expected) => {
    const problems = await problemsOf([controller]);
    expect(problems.map(({ code, member, message }) => [code, member, message])).toEqual(
      expected.map((each) => ['E_DECORATOR', ...each]),
    );
    for (const { place } of problems) expect(place).toMatch(/without-effect\.test\.ts:\d+:\d+$/);
  });
});

@Staff()
@Controller('/effective')
class EffectiveController {
  @Use(layer) @Get('/') @HttpState(404) both() {
    return 'both';
  }
  @Staff() @Default() otherwise() {
    return 'otherwise';
  }
  @HttpState(409) conflict() {
    return 'conflict';
  }
}

@Controller('/inherited')
class QuietController extends EffectiveController {}

@Staff()
abstract class StaffBase {}

@Controller('/errors')
class ErrorsOfStaffController extends StaffBase {
  @HttpState(404) missing() {
    return 'missing';
  }
}

test('what wraps a route or a default handler, or stands on a base of others, is no mistake', async () => {
  const { client } = await start([EffectiveController, QuietController, ErrorsOfStaffController]);
  expect(await (await client.get('/effective')).text()).toBe('both');
});

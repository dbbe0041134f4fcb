import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, ErrorHandler, Get, type Request } from 'obol';
import * as errors from 'obol/errors';
import { TestClient } from 'obol/testing';
import {
  Conflict,
  ContentTooLarge,
  MethodNotAllowed,
  ServiceUnavailable,
  TooManyRequests,
} from '../../src/http/errors.js';
import { HttpError, type HttpErrorOptions } from '../../src/http/http-error.js';
import { developerError } from '../support/errors.js';

describe('HttpError', () => {
  test('has the reason phrase as its message unless told otherwise', () => {
    expect(new HttpError(404).message).toBe('Not Found');
    expect(new HttpError(404, 'No such person').message).toBe('No such person');
  });

  test('says Unknown for a status without a name', () => {
    expect(new HttpError(499).message).toBe('Unknown');
  });

  test.each([
    [204, true],
    [404, true],
    [499, true],
    [500, false],
    [503, false],
  ])('shows the message of %d to the client: %s', (status, expose) => {
    expect(new HttpError(status).expose).toBe(expose);
  });

  test('lets the thrower decide whether the client reads the message', () => {
    expect(new HttpError(503, 'Closed on Mondays', { expose: true }).expose).toBe(true);
    expect(new HttpError(400, 'secret', { expose: false }).expose).toBe(false);
  });

  test('carries headers and the cause', () => {
    const cause = new Error('inner');
    const error = new HttpError(503, undefined, { headers: { 'Retry-After': '5' }, cause });
    expect(error).toMatchObject({ status: 503, headers: { 'Retry-After': '5' }, cause });
    expect(new HttpError(404).headers).toEqual({});
  });

  test.each<[unknown, string, string]>([
    [
      { 'X-A': 'a\r\nX-B: b' },
      'E_HEADER_VALUE',
      'The header X-A cannot be "a\\r\\nX-B: b": a header holds no control',
    ],
    [{ Link: ['<a>', '<\u0161>'] }, 'E_HEADER_VALUE', 'The header Link cannot be "<\u0161>"'],
    [{ 'Retry-After': undefined }, 'E_HEADER_VALUE', 'The header Retry-After cannot be undefined'],
    [{ 'X A': '1' }, 'E_HEADER_NAME', '"X A" is no header name'],
    [{ '': '1' }, 'E_HEADER_NAME', '"" is no header name'],
    [['X-A', 'b'], 'E_HEADERS', '[ \'X-A\', \'b\' ] are no headers: write { "X-A": "b" }.'],
    [new Map([['X-A', 'b']]), 'E_HEADERS', 'are no headers: write { "X-Name": "value" }.'],
    ['X-A: b', 'E_HEADERS', '"X-A: b" are no headers'],
  ])('refuses the headers %p where they are written', (headers, code, message) => {
    const make = () => new HttpError(400, undefined, { headers } as HttpErrorOptions);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    const conflict = () => new Conflict(undefined, { headers } as HttpErrorOptions);
    expect(conflict).toThrow(expect.objectContaining({ code }));
  });

  test('is named after its class', () => {
    class Gone extends HttpError {}
    expect(new HttpError(400).name).toBe('HttpError');
    expect(new Gone(410).name).toBe('Gone');
  });

  test.each([100, 199, 600, 0, -1, 200.5, NaN, Infinity])('refuses the status %d', (status) => {
    const message = `${String(status)} is not a status that a response can have; use 200 to 599.`;
    expect(() => new HttpError(status)).toThrow(developerError('E_STATUS', message));
  });
});

test('MethodNotAllowed names the method and lists what is allowed', () => {
  const error = new MethodNotAllowed({ method: 'PUT', allow: ['GET', 'HEAD'] });
  expect(error).toMatchObject({
    name: 'MethodNotAllowed',
    status: 405,
    message: 'PUT is not allowed here',
    headers: { Allow: 'GET, HEAD' },
  });
});

describe('obol/errors', () => {
  const { reasonPhrase, StatusError } = errors;
  const classes = Object.entries(errors).filter(
    ([name]) => !['HttpError', 'StatusError', 'problemType', 'reasonPhrase'].includes(name),
  );
  const REQUIRED = { allow: ['GET'], challenges: ['Basic'], length: 5, retryAfter: 3, upgrade: ['h2c'] };
  const REQUIRING = ['Unauthorized', 'MethodNotAllowed', 'ProxyAuthenticationRequired', 'RangeNotSatisfiable', 'TooManyRequests', 'UpgradeRequired']; // prettier-ignore
  /** RFC 9110 calls them otherwise than node:http does. */
  const RENAMED: Record<number, string> = { 413: 'Content Too Large', 422: 'Unprocessable Content' };
  const made = classes.map(([name, one]) => {
    const StatusClass = one as new (...args: unknown[]) => HttpError;
    const make = (detail?: string, options?: object) =>
      REQUIRING.includes(name)
        ? new StatusClass(REQUIRED, detail, options)
        : new StatusClass(detail, options);
    return [name, StatusClass, make] as const;
  });

  test('has a class for every registered status from 400 to 599', () => {
    const all = Array.from({ length: 200 }, (_, i) => i + 400).filter(
      (one) => reasonPhrase(one) !== 'Unknown',
    );
    expect(made.map(([, , make]) => make().status)).toHaveLength(all.length);
    expect(new Set(made.map(([, , make]) => make().status))).toEqual(new Set(all));
  });

  test.each(made)('%s is called as its status is', (name, StatusClass, make) => {
    const error = make();
    expect(error.name).toBe(name);
    const phrase = (RENAMED[error.status] ?? reasonPhrase(error.status)).replace(/[^A-Za-z]/g, '');
    if (!['MethodNotAllowed', 'ContentTooLarge'].includes(name))
      expect(error.message).toBe(reasonPhrase(error.status));
    expect(name.toLowerCase()).toBe(phrase.toLowerCase());
    expect([error instanceof HttpError, error instanceof StatusClass, error instanceof StatusError]).toEqual([
      true,
      true,
      true,
    ]);
    expect(new HttpError(error.status)).toBeInstanceOf(StatusClass);
    expect(new HttpError(error.status === 404 ? 410 : 404)).not.toBeInstanceOf(StatusClass);
  });

  test.each(made)('%s keeps detail, cause and headers', (_name, _class, make) => {
    const cause = new Error('why');
    const error = make('Because', { cause, headers: { 'X-Own': '1' } });
    expect([error.message, error.cause, error.headers['X-Own']]).toEqual(['Because', cause, '1']);
  });

  test.each(made.filter(([name]) => REQUIRING.includes(name)))(
    '%s says what it takes first where a program leaves it out or gives something else',
    (_name, StatusClass) => {
      for (const wrong of [undefined, null, {}, 'detail', { allow: 'GET', challenges: [1], length: '5' }])
        expect(() => new StatusClass(wrong)).toThrow(
          expect.objectContaining({
            code: 'E_HEADER_VALUE',
            message: expect.stringMatching(/^The first argument of this error is \{ \w+: /),
          }),
        );
    },
  );

  test.each<[HttpError, string, unknown]>([
    [new errors.Unauthorized({ challenges: ['A', 'B'] }), 'WWW-Authenticate', ['A', 'B']],
    [new errors.ProxyAuthenticationRequired({ challenges: ['A'] }), 'Proxy-Authenticate', ['A']],
    [new errors.MethodNotAllowed({ allow: ['GET', 'PUT'] }), 'Allow', 'GET, PUT'],
    [new errors.RangeNotSatisfiable({ length: 10 }), 'Content-Range', 'bytes */10'],
    [new errors.UpgradeRequired({ upgrade: ['a', 'b'] }), 'Upgrade', 'a, b'],
    [new errors.TooManyRequests({ retryAfter: 1.2 }), 'Retry-After', '2'],
    [new errors.TooManyRequests({ retryAfter: new Date(0) }), 'Retry-After', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [new errors.ServiceUnavailable('Later', { retryAfter: 60 }), 'Retry-After', '60'],
  ])('%s carries what it requires', (error, name, value) => {
    expect(error.headers).toEqual({ [name]: value });
  });

  test.each([NaN, Infinity, new Date(NaN)])('Retry-After is no %p', (retryAfter) => {
    const code = 'E_HEADER_VALUE';
    expect(() => new TooManyRequests({ retryAfter })).toThrow(expect.objectContaining({ code }));
    expect(() => new ServiceUnavailable(undefined, { retryAfter })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('of a class that extends one, only its own objects are instances', () => {
    class PersonMissing extends errors.NotFound {}
    expect(new PersonMissing()).toMatchObject({ status: 404, name: 'PersonMissing' });
    expect([new PersonMissing(), new HttpError(404)].map((one) => one instanceof PersonMissing)).toEqual([
      true,
      false,
    ]);
    expect(new PersonMissing()).toBeInstanceOf(errors.NotFound);
  });
});

test('ContentTooLarge names the limit', () => {
  expect(new ContentTooLarge(1024)).toMatchObject({
    name: 'ContentTooLarge',
    status: 413,
    message: 'The body is larger than 1024 bytes',
  });
});

describe('problemType()', () => {
  const TYPE = 'https://shop.example/problems/out-of-stock';
  const OutOfStock = errors.problemType({ type: TYPE, title: 'Out of stock', status: 409 });
  const Closed = errors.problemType({ type: '/closed', title: 'Closed on Mondays', status: 503 });

  @Controller()
  class Shop {
    @Get('/out') out() {
      throw new OutOfStock('Three are left', { members: { left: 3, type: 'x', title: 'x' } });
    }
    @Get('/closed') closed() {
      throw new Closed(undefined, { headers: { 'Retry-After': '60' } });
    }
    @Get('/caught') caught() {
      throw new (errors.problemType({ type: '/caught', title: 'Caught', status: 400 }))();
    }
    @ErrorHandler(Closed) closedPage(_req: Request, error: Error) {
      return `${error.name}: ${error.message}`;
    }
  }

  test('makes errors that clients know by their URI, whatever their members say', async () => {
    const answer = await new TestClient(await bootstrap({ controllers: [Shop] })).get('/out');
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { left: 3, type: TYPE, title: 'Out of stock', status: 409, detail: 'Three are left' },
    ]);
  });

  test('makes classes that error handlers know, and no other of the same status', async () => {
    const client = new TestClient(await bootstrap({ controllers: [Shop] }));
    expect(await (await client.get('/closed')).text()).toBe('ClosedOnMondays: Closed on Mondays');
    expect(await (await client.get('/caught')).json()).toMatchObject({ type: '/caught', title: 'Caught' });
    expect(new Conflict()).not.toBeInstanceOf(OutOfStock);
    expect(new OutOfStock()).toBeInstanceOf(Conflict);
  });

  test('shows what was written for clients at 500 and above, too, unless the thrower says otherwise', () => {
    expect([new Closed().expose, new Closed('x', { expose: false }).expose]).toEqual([true, false]);
  });

  test.each<[object, string]>([
    [{ title: 'x', status: 409 }, 'problemType.type'],
    [{ type: 'not a URI', title: 'x', status: 409 }, 'problemType.type: "not a URI" is not a URI'],
    [{ type: '/x', status: 409 }, 'problemType.title'],
    [{ type: '/x', title: 'x', status: 200 }, 'problemType.status: 200 is not a whole number, 400 to 599'],
    [{ type: '/x', title: 'x', status: 409, detail: 'x' }, 'problemType.detail: there is no such option'],
  ])('refuses %p', (about, message) => {
    expect(() => errors.problemType(about as never)).toThrow(
      expect.objectContaining({ code: 'E_SETTING', message: expect.stringContaining(message) }),
    );
  });
});

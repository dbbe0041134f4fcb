/** Content types written to be read in two ways, and the right answer to each: rows O1 to O4 of the corpus. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { calls, echo, type Echo } from './echo-server.js';

let server: Echo;

beforeAll(async () => {
  server = await echo();
});

afterAll(() => server.close());

beforeEach(() => {
  calls.length = 0;
  server.logger.errors.length = 0;
});

/** What a handler saw of a body `{"a":1}` of this type. */
async function seen(type: string | undefined, body = '{"a":1}'): Promise<unknown> {
  const { status, text } = await server.post('/json', type, body);
  return status === 200 ? JSON.parse(text) : status;
}

describe('O1 one type in every spelling', () => {
  test.each([
    'application/json',
    'application/Json',
    'APPLICATION/JSON',
    'application/json ;',
    'application/json;',
    'application/json ; charset=utf-8',
    'application/json;charset="utf-8"',
    'application/json\t;\tcharset=UTF-8',
    ' application/json ',
    'application/json;a=";,"',
  ])('%j', async (type) => {
    expect(await seen(type)).toMatchObject({ type: 'application/json', json: { a: 1 } });
  });

  test.each(['application/vnd.api+json', 'Application/Problem+JSON', 'application/merge-patch+json'])(
    '%s is JSON too, under its own name',
    async (type) => {
      expect(await seen(type)).toMatchObject({ type: type.toLowerCase(), json: { a: 1 } });
    },
  );

  test.each([
    'application/jsonx',
    'text/json',
    'application/json-seq',
    'application/xjson',
    'json/application',
  ])('%s is no JSON', async (type) => {
    expect(await seen(type)).toMatchObject({ type, json: null });
  });
});

const MALFORMED = [
  'application/json\ta',
  'application/json a',
  'application/json, text/plain',
  'application/json,application/json',
  'application/json;a',
  'application/json;=a',
  'application/json;a=',
  'application/json; charset = utf-8',
  'application/json; charset="utf-8',
  'application/json; charset="utf-8"x',
  ';application/json',
  'application/',
  '/json',
  'json',
  'application//json',
  'application/json/x',
  'application/js on',
  'application/json\u00e9',
  'multipart/form-data boundary=b',
  'application/x-www-form-urlencoded\ta',
  '*',
  ';',
  '"application/json"',
];

describe('O2, O3 a malformed type is never guessed at', () => {
  test.each(MALFORMED)('%j is neither JSON nor a form, and harms nobody', async (type) => {
    const answer = await seen(type, 'a=1');
    if (answer !== 415) expect(answer).toEqual({ type: '', json: null, isForm: false, data: 3 });
    expect(server.logger.errors).toEqual([]);
  });

  test.each(MALFORMED)('%j cannot be read as a form', async (type) => {
    expect((await server.post('/by-hand', type, 'a=1')).status).toBe(415);
  });

  test.each(MALFORMED)('%j is answered with 415', async (type) => {
    expect(await seen(type)).toBe(415);
  });

  test('two of Content-Type are no type', async () => {
    expect(await seen('application/json\r\nContent-Type: text/plain')).toBe(415);
  });
});

describe('O4 a form is a form in every spelling, and nothing without a type', () => {
  test.each([
    'Application/X-WWW-Form-Urlencoded',
    'APPLICATION/X-WWW-FORM-URLENCODED',
    'application/x-www-form-urlencoded;',
    'application/x-www-form-urlencoded ; charset=UTF-8',
  ])('%s', async (type) => {
    expect(JSON.parse((await server.post('/form', type, 'a=1')).text)).toMatchObject({
      fields: [['a', ['1']]],
    });
  });

  test.each([undefined, '', 'text/plain', 'application/octet-stream'])('%s', async (type) => {
    expect(await seen(type, 'a=1')).toEqual({ type: type ?? '', json: null, isForm: false, data: 3 });
    expect((await server.post('/by-hand', type, 'a=1')).status).toBe(415);
  });
});

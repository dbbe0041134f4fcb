/** A response that takes over its connection, without one. */
import { describe, expect, test } from '@jest/globals';
import { requestedProtocols } from 'obol/http';
import { Headers } from '../../src/message/headers.js';
import { UpgradeResponse } from '../../src/message/upgrade-response.js';
import { request } from '../../src/hosts/testing/request.js';
import { developerError } from '../support/errors.js';

const NOTHING = (): undefined => undefined;

describe('UpgradeResponse', () => {
  test('is 101, and has neither type nor content', () => {
    const response = new UpgradeResponse('websocket', NOTHING, { headers: { 'X-A': 'b' } });
    expect([response.protocol, response.status, response.contentType]).toEqual(['websocket', 101, '']);
    expect([response.body, response.length, response.isStream]).toEqual([null, undefined, false]);
    expect([...response.headers]).toEqual([['X-A', 'b']]);
  });

  test.each([
    ['', '""'],
    ['web socket', '"web socket"'],
    ['a\r\nX: y', String.raw`"a\r\nX: y"`],
    ['h2c', '"h2c"'],
    [undefined as unknown as string, 'undefined'],
  ])('takes no protocol %j', (protocol, quoted) => {
    expect(() => new UpgradeResponse(protocol, NOTHING)).toThrow(
      developerError(
        'E_UPGRADE',
        `${quoted} is no protocol to change to; write "websocket" or another name but "h2c".`,
      ),
    );
  });

  test('takes a function and nothing else', () => {
    expect(() => new UpgradeResponse('echo', {} as unknown as () => void)).toThrow(
      developerError('E_UPGRADE', 'A connection is taken over by a function, not by {}.'),
    );
  });

  test('takes no header that could not be sent', () => {
    const headers = { 'X-A': 'b\r\nX-C: d' };
    expect(() => new UpgradeResponse('echo', NOTHING, { headers })).toThrow('The header X-A cannot be');
  });

  test('has no other status', () => {
    const response = new UpgradeResponse('echo', NOTHING);
    expect(() => {
      response.status = 403;
    }).toThrow(
      developerError(
        'E_UPGRADE',
        'An UpgradeResponse cannot have the status 403; give another response in its place.',
      ),
    );
  });

  test('calls the function with the connection', () => {
    const response = new UpgradeResponse('echo', (connection) => connection);
    const connection = { socket: undefined as never, head: Buffer.alloc(0), closing: AbortSignal.abort() };
    expect(response.takeOver(connection)).toBe(connection);
  });

  test('is copied as what it is', () => {
    const response = new UpgradeResponse('echo', () => 'taken', { headers: { 'X-A': 'b' } });
    response.answeredBy = request('/');
    for (const copy of [response.with({}), response.with({ status: 101 })]) {
      copy.headers.set('X-C', 'd');
      expect(copy.answeredBy).toBe(response.answeredBy);
      expect(copy).toBeInstanceOf(UpgradeResponse);
      expect(copy instanceof UpgradeResponse && copy.takeOver(undefined as never)).toBe('taken');
    }
    expect([...response.headers]).toEqual([['X-A', 'b']]);
  });

  test('is an ordinary response when it is copied with another status', () => {
    const copy = new UpgradeResponse('echo', NOTHING).with({ status: 403, body: 'no' });
    expect(copy).not.toBeInstanceOf(UpgradeResponse);
    expect([copy.status, copy.body]).toEqual([403, 'no']);
  });
});

describe('requestedProtocols', () => {
  const ASKED = { method: 'GET', httpVersion: '1.1' };
  const FIELDS = { Connection: 'keep-alive, Upgrade', Upgrade: 'Echo, h2c, other/1' };

  test.each<[string, Partial<typeof ASKED>, Record<string, string>, string[]]>([
    ['in a GET', {}, {}, ['echo', 'other/1']],
    ['in a POST without a body', { method: 'POST' }, {}, ['echo', 'other/1']],
    ['in a HEAD', { method: 'HEAD' }, {}, []],
    ['with a body', { method: 'POST' }, { 'Content-Length': '10' }, []],
    ['with a length of 0', {}, { 'Content-Length': '0' }, ['echo', 'other/1']],
    ['with chunks', { method: 'POST' }, { 'Transfer-Encoding': 'chunked' }, []],
    ['in HTTP/1.0', { httpVersion: '1.0' }, {}, []],
    ['with an expectation', {}, { Expect: '100-continue' }, []],
    ['when Connection does not say so', {}, { Connection: 'close' }, []],
  ])('%s', (_name, changes, fields, protocols) => {
    const headers = new Headers({ ...FIELDS, ...fields });
    expect(requestedProtocols({ ...ASKED, ...changes, headers })).toEqual(protocols);
  });
});

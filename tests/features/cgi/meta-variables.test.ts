/** What scripts learn of their request (RFC 3875 4.1). */
import { describe, expect, test } from '@jest/globals';
import { metaVariables, type Circumstances } from '../../../src/features/cgi/meta-variables.js';
import { ContextKey } from 'obol/kit';
import { request, type RequestInit } from 'obol/testing';
import { VERSION } from '../../../src/ground/version.js';

const SCRIPT = {
  file: '/srv/cgi-bin/a.sh',
  args: [],
  cwd: '/srv/cgi-bin',
  filename: '/srv/cgi-bin/a.sh',
  name: '/a.sh',
  pathInfo: '/b c/d',
};

type Plan = Circumstances['plan'];
type Known = Partial<Omit<Circumstances, 'plan'> & Plan>;

const PLAN: Plan = {
  documentRoot: '/srv/cgi-bin',
  passAuthorization: false,
  remoteUser: () => undefined,
};

function variablesOf(
  target: string,
  init: RequestInit = {},
  { script = SCRIPT, length, ...plan }: Known = {},
): Record<string, string> {
  const made = request(target, init).below('/cgi-bin');
  return metaVariables(made, { script, length, plan: { ...PLAN, ...plan } });
}

/** Those of the fields of a request. */
function fieldsOf(headers: RequestInit['headers'], circumstances?: Known): Record<string, string> {
  const variables = variablesOf('/cgi-bin/a.sh', { headers }, circumstances);
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => name.startsWith('HTTP_') && name !== 'HTTP_HOST'),
  );
}

test('those of a request are all of RFC 3875 that have a value, and what scripts expect besides', () => {
  const headers = { Host: 'shop.test:8080', 'Content-Type': 'text/plain; charset=utf-8', 'X-A': 'b' };
  const target = '/cgi-bin/a.sh/b%20c/d?e=%20&f';
  expect(
    variablesOf(target, { method: 'PUT', headers, https: true }, { length: 3, remoteUser: () => 'smith' }),
  ).toEqual({
    CONTENT_LENGTH: '3',
    CONTENT_TYPE: 'text/plain; charset=utf-8',
    DOCUMENT_ROOT: '/srv/cgi-bin',
    GATEWAY_INTERFACE: 'CGI/1.1',
    HTTPS: 'on',
    HTTP_HOST: 'shop.test:8080',
    HTTP_X_A: 'b',
    PATH_INFO: '/b c/d',
    PATH_TRANSLATED: '/srv/cgi-bin/b c/d',
    QUERY_STRING: 'e=%20&f',
    REDIRECT_STATUS: '200',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_HOST: '127.0.0.1',
    REMOTE_PORT: '50000',
    REMOTE_USER: 'smith',
    REQUEST_METHOD: 'PUT',
    REQUEST_SCHEME: 'https',
    REQUEST_URI: target,
    SCRIPT_FILENAME: '/srv/cgi-bin/a.sh',
    SCRIPT_NAME: '/cgi-bin/a.sh',
    SERVER_ADDR: '127.0.0.1',
    SERVER_NAME: 'shop.test',
    SERVER_PORT: '8080',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: `Obol/${VERSION}`,
  });
});

test('without a body, a rest of the path, a query or a user they say so', () => {
  const variables = variablesOf('/cgi-bin/a.sh', {}, { script: { ...SCRIPT, pathInfo: '' } });
  expect(variables).toMatchObject({ PATH_INFO: '', QUERY_STRING: '', REQUEST_SCHEME: 'http' });
  for (const name of [
    'CONTENT_LENGTH',
    'CONTENT_TYPE',
    'PATH_TRANSLATED',
    'REMOTE_USER',
    'AUTH_TYPE',
    'HTTPS',
  ])
    expect([name, variables[name]]).toEqual([name, undefined]);
});

test('SCRIPT_NAME and PATH_INFO together are the path of the request, decoded once', () => {
  const made = request('/50%25/a%20b/x').below('/50%25');
  const script = { ...SCRIPT, name: '/a b', pathInfo: '/x' };
  const plan = { ...PLAN, documentRoot: '/' };
  expect(metaVariables(made, { script, length: undefined, plan })).toMatchObject({
    SCRIPT_NAME: '/50%/a b',
    PATH_INFO: '/x',
    PATH_TRANSLATED: '/x',
    REQUEST_URI: '/50%25/a%20b/x',
  });
});

test('the host is that of an absolute target, everywhere', () => {
  const variables = variablesOf('http://target.test:81/cgi-bin/a.sh?q', { headers: { Host: 'other.test' } });
  expect(variables).toMatchObject({
    HTTP_HOST: 'target.test:81',
    SERVER_NAME: 'target.test',
    SERVER_PORT: '81',
    REQUEST_URI: '/cgi-bin/a.sh?q',
  });
});

test('the server is called by its address where the client names no host', () => {
  const named = variablesOf('/cgi-bin/a.sh', { headers: { Host: '' }, httpVersion: '1.0' });
  expect(named).toMatchObject({ SERVER_NAME: '127.0.0.1', SERVER_PORT: '80', SERVER_PROTOCOL: 'HTTP/1.0' });
});

describe('fields', () => {
  test.each([
    ['are there by their names in capitals', { 'Accept-Language': 'cs' }, { HTTP_ACCEPT_LANGUAGE: 'cs' }],
    ['keep what they say', { 'X-A': '() { :;}; echo $(id)' }, { HTTP_X_A: '() { :;}; echo $(id)' }],
    [
      'of a body are passed on, but for its type and length',
      { 'Content-Encoding': 'gzip', 'Content-Type': 'a/b', 'Content-Length': '0' },
      { HTTP_CONTENT_ENCODING: 'gzip' },
    ],
    ['named Proxy are left out', { Proxy: 'http://evil.test', PROXY: 'b' }, {}],
    [
      'for the connection are left out',
      { Connection: 'X-A', TE: 'trailers', 'Keep-Alive': 'a', Upgrade: 'b' },
      {},
    ],
    [
      'with credentials are left out',
      { Authorization: 'Basic YTpi', 'Proxy-Authorization': 'Basic YTpi' },
      {},
    ],
    [
      'with an underscore are left out',
      { X_Forwarded_For: '1.2.3.4', Remote_User: 'a', 'X-A': 'b' },
      { HTTP_X_A: 'b' },
    ],
    ['with a dot are left out', { 'X.A': 'b', 'X-A.': 'c' }, {}],
    ['with other signs are left out', { 'X-A!': 'b', "X'": 'c', 'X~Y': 'd', 'X|': 'e' }, {}],
    ['that are UTF-8 stay so', { 'X-A': Buffer.from('ě').toString('latin1') }, { HTTP_X_A: 'ě' }],
    ['that are Latin-1 are text', { 'X-A': '\xe9' }, { HTTP_X_A: 'é' }],
  ])('%s', (_, headers, variables) => {
    expect(fieldsOf(headers as Record<string, string>)).toEqual(variables);
  });

  test('that come more than once are one list, cookies as cookies', () => {
    const headers: [string, string][] = [
      ['X-A', 'b'],
      ['Cookie', 'a=1'],
      ['x-a', 'c'],
      ['Cookie', 'b=2'],
    ];
    expect(fieldsOf(headers)).toEqual({ HTTP_X_A: 'b, c', HTTP_COOKIE: 'a=1; b=2' });
  });

  test('with credentials are passed on where that is wanted, but for those of a proxy', () => {
    const headers = { Authorization: 'Basic YTpi', 'Proxy-Authorization': 'Basic YTpi' };
    expect(fieldsOf(headers, { passAuthorization: true })).toEqual({ HTTP_AUTHORIZATION: 'Basic YTpi' });
  });
});

describe('who asks', () => {
  test('is never what the client claims', () => {
    const headers = { Authorization: 'Basic YWRtaW46eA==', 'X-Remote-User': 'admin' };
    const variables = variablesOf('/cgi-bin/a.sh', { headers });
    expect([variables['REMOTE_USER'], variables['AUTH_TYPE']]).toEqual([undefined, undefined]);
    const known = variablesOf('/cgi-bin/a.sh', { headers }, { remoteUser: () => 'smith' });
    expect([known['REMOTE_USER'], known['AUTH_TYPE']]).toEqual(['smith', undefined]);
  });

  test('is named with how a guard has found it', () => {
    const made = request('/');
    made.set(ContextKey.AUTH_SCHEME, 'Digest');
    const known = { script: SCRIPT, length: undefined };
    const plan = { ...PLAN, remoteUser: () => 'smith' };
    expect(metaVariables(made, { ...known, plan })).toMatchObject({
      AUTH_TYPE: 'Digest',
      REMOTE_USER: 'smith',
    });
    expect(metaVariables(made, { ...known, plan: PLAN })['AUTH_TYPE']).toBeUndefined();
  });
});

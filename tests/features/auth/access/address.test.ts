/** The guard by address: which addresses its rules mean, and what it does to a request. */
import { describe, expect, test } from '@jest/globals';
import { Controller, Get, type Request } from 'obol';
import { addressGuard, GrantAddress } from '../../../../src/features/auth/access/address.js';
import { request } from '../../../../src/hosts/testing/request.js';
import { start } from '../../../support/client.js';
import { developerError, httpError } from '../../../support/errors.js';
import { problemsOf } from '../../../support/problems.js';

const from = (remoteAddress: string) => request('/', { remoteAddress });

describe('a rule', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0'],
    ['10.0.0.0/8', '10.255.255.255'],
    ['10.1.2.3/8', '10.9.9.9'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
    ['10.1.2.3', '::ffff:a01:203'],
    ['10.1.2.3', '0:0:0:0:0:FFFF:10.1.2.3'],
    ['10.1.2.3', '::ffff:10.1.2.3%eth0'],
    ['::ffff:a01:203', '10.1.2.3'],
    ['::ffff:10.0.0.0/104', '10.255.255.255'],
    ['::ffff:10.0.0.1-::ffff:10.0.0.9', '10.0.0.5'],
    ['192.168.1.1', '192.168.1.1'],
    ['0.0.0.0/0', '203.0.113.7'],
    ['10.0.0.1-10.0.0.9', '10.0.0.1'],
    ['10.0.0.1-10.0.0.9', '10.0.0.9'],
    ['::1', '::1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::/32', '2001:DB8::42'],
    ['fe80::/10', 'fe80::1%eth0'],
    ['2001:db8::1-2001:db8::f', '2001:db8::a'],
  ])('%s lets in %s', (rule, address) => {
    expect(addressGuard([rule])(from(address))).toBeUndefined();
  });

  test.each([
    ['10.0.0.0/8', '11.0.0.0'],
    ['10.0.0.0/8', '::ffff:11.1.2.3'],
    ['10.0.0.0/8', '2001:db8::1'],
    ['192.168.1.1', '192.168.1.10'],
    ['10.0.0.1-10.0.0.9', '10.0.0.10'],
    ['::/0', '10.0.0.1'],
    ['::/0', '::ffff:a00:1'],
    ['10.1.2.3', '::a01:203'],
    ['10.1.2.3', '64:ff9b::a01:203'],
    ['::ffff:10.0.0.0/104', '11.0.0.0'],
    ['::1', '::2'],
    ['0.0.0.0/0', 'localhost'],
    ['0.0.0.0/0', ''],
  ])('%s keeps out %j', (rule, address) => {
    expect(() => addressGuard([rule])(from(address))).toThrow(httpError(403, 'Forbidden'));
  });

  test.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/95',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-::1',
    '10.0.0.1-10.0.0.2-10.0.0.3',
    '*',
  ])('cannot be %j', (rule) => {
    expect(() => addressGuard([rule])).toThrow(
      developerError(
        'E_SETTING',
        `GrantAddress[0]: ${JSON.stringify(rule)} is not an address or a range, such as "10.0.0.0/8", "::1" or "10.0.0.1-10.0.0.9".`,
      ),
    );
  });

  test('is needed', () => {
    expect(() => addressGuard([])).toThrow(
      developerError('E_SETTING', 'GrantAddress: there is none; give an address or a range, or several.'),
    );
  });
});

describe('a rule with a user', () => {
  const guard = addressGuard(['10.0.0.9', { address: '10.0.0.0/8', user: 'intranet' }, '::1']);

  test.each([
    ['10.0.0.1', 'intranet'],
    ['10.0.0.9', null],
    ['::1', null],
  ])('logs in who comes from %s as %s', (address, user) => {
    const req = from(address);
    guard(req);
    expect(req.user).toBe(user);
  });

  test('leaves alone who is logged in', () => {
    const req = from('10.0.0.1');
    req.user = 'smith';
    guard(req);
    expect(req.user).toBe('smith');
  });
});

describe('@GrantAddress', () => {
  @Controller()
  @GrantAddress('10.0.0.0/8')
  class Pages {
    @Get('/')
    index(req: Request) {
      return req.peer.address;
    }
  }

  test.each([
    ['10.0.0.1', 200],
    ['203.0.113.7', 403],
  ])('answers %s with %i', async (remoteAddress, status) => {
    const { client } = await start(Pages);
    expect((await client.get('/', { remoteAddress })).status).toBe(status);
  });

  test('believes no header of a stranger, and that of a trusted proxy', async () => {
    const headers = { 'X-Forwarded-For': '10.0.0.1' };
    const { client } = await start(Pages);
    expect((await client.get('/', { remoteAddress: '203.0.113.7', headers })).status).toBe(403);
    const behind = await start(Pages, { trustProxy: ['203.0.113.7'] });
    expect((await behind.client.get('/', { remoteAddress: '203.0.113.7', headers })).status).toBe(200);
  });

  test('says at bootstrap that a rule is none', async () => {
    @Controller()
    class Wrong {
      @Get('/')
      @GrantAddress('nowhere')
      index() {
        return '';
      }
    }
    expect((await problemsOf([Wrong])).map(({ code }) => code)).toEqual(['E_SETTING']);
  });
});

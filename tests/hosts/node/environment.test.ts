import { expect, test } from '@jest/globals';
import { getOptions } from '../../../src/hosts/node/environment.js';

test('takes the variables that begin with app_, whatever their letter case', () => {
  const options = getOptions({
    app_Greeting: ' Hello ',
    APP_DB_URL: 'postgres://x',
    App_empty: '',
    application: 'no',
    PATH: '/bin',
    app_gone: undefined,
  });
  expect({ ...options }).toEqual({ greeting: 'Hello', db_url: 'postgres://x', empty: '' });
});

test('gives an object without a prototype', () => {
  const options = getOptions({ app_constructor: 'x', app___proto__: 'y' });
  expect(Object.getPrototypeOf(options)).toBeNull();
  expect(Object.entries(options)).toEqual([['constructor', 'x'], ['__proto__', 'y']]); // prettier-ignore
});

test('reads the environment of the process', () => {
  process.env['app_test_option'] = 'here';
  try {
    expect(getOptions()['test_option']).toBe('here');
  } finally {
    delete process.env['app_test_option'];
  }
});

/** Packages that an application has to install itself. */
import { expect, test } from '@jest/globals';
import { assertInstalled } from '../../../src/features/auth/installed.js';
import { developerError } from '../../support/errors.js';

test('one that is missing is named, with whoever needs it', () => {
  expect(() => {
    assertInstalled('no-such-package', 'oidcLogin()');
  }).toThrow(
    developerError('E_PACKAGE', 'oidcLogin() needs the package no-such-package: npm install no-such-package'),
  );
});

test.each(['jose', 'openid-client'])('%s is there', (name) => {
  expect(() => {
    assertInstalled(name, 'this test');
  }).not.toThrow();
});

/** Packages that an application has to install itself. */
import { expect, test } from '@jest/globals';
import { assertInstalled, notLoaded } from '../../../src/features/auth/installed.js';
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

test('one that cannot be loaded is an error all the same', async () => {
  const missing = 'no-such-package';
  await expect(import(missing).catch(notLoaded)).rejects.toThrow(/Cannot find (?:module|package)/);
});

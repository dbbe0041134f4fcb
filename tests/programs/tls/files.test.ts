/** Certificates, keys and passwords in files: what fits together, and what is said when it does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { CommandError } from '../../../src/cli/command.js';
import { readTlsFiles, type TlsPaths } from '../../../src/cli/tls-files.js';
import { TestFolder } from '../../support/folder.js';
import { makeCertificate } from './certificate.js';

const folder = new TestFolder();
afterAll(() => {
  folder.remove();
});

function failureOf(paths: Partial<TlsPaths> & { readonly cert: string }): CommandError {
  try {
    readTlsFiles({ key: undefined, passwordFile: undefined, ...paths });
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
  throw new Error('They fit together');
}

describe('files of openssl', () => {
  const plain = makeCertificate(folder.path, 'plain');
  const locked = makeCertificate(folder.path, 'locked', 'open sesame');
  const text = (path: string): string => readFileSync(path, 'utf8');
  const both = folder.file('both.pem', text(plain.cert) + text(plain.key));
  const password = folder.file('password', ' open sesame\r\n');

  test('a certificate and its key', () => {
    expect(readTlsFiles({ ...plain, passwordFile: undefined })).toEqual({
      cert: text(plain.cert),
      key: text(plain.key),
    });
  });

  test('both in one file', () => {
    const { cert, key } = readTlsFiles({ cert: both, key: undefined, passwordFile: undefined });
    expect([cert, key]).toEqual([text(both), text(both)]);
  });

  test('a key and what opens it', () => {
    expect(readTlsFiles({ ...locked, passwordFile: password }).passphrase).toBe('open sesame');
  });

  test.each([
    [
      'no key',
      { cert: plain.cert },
      /^--tls-cert: there is no private key in ".*"; name its file by --tls-key\.$/,
    ],
    ['a key that is none', { ...plain, key: plain.cert }, /^--tls-cert: there is no private key/],
    [
      'a key that is no key',
      { ...plain, key: password },
      /^--tls-key: there is no private key in ".*password";/,
    ],
    ['a locked key', locked, /^The private key is encrypted; give what opens it by --tls-password-file\.$/],
    [
      'the wrong password',
      { ...locked, passwordFile: plain.cert },
      /^The certificate and its key cannot be used: .+\.$/,
    ],
    [
      'a key of another certificate',
      { cert: locked.cert, key: plain.key },
      /^The certificate and its key cannot be used: .*key values mismatch\.$/,
    ],
  ])('%s', (_what, paths, message) => {
    const { message: said, exitCode } = failureOf(paths);
    expect(said).toMatch(message);
    expect(exitCode).toBe(1);
  });

  test('a file that is not there', () => {
    const missing = join(folder.path, 'missing');
    const said = (option: string): string => `${option}: ${JSON.stringify(missing)} cannot be read (ENOENT).`;
    expect(failureOf({ cert: missing })).toEqual(new CommandError(said('--tls-cert'), 2));
    expect(failureOf({ ...plain, key: missing })).toEqual(new CommandError(said('--tls-key'), 2));
    expect(failureOf({ ...plain, passwordFile: missing })).toEqual(
      new CommandError(said('--tls-password-file'), 2),
    );
  });
});

/** Certificates for a test, made by openssl. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Paths of a certificate for localhost and 127.0.0.1, and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** @param password encrypts the key */
export function makeCertificate(folder: string, name: string, password?: string): Certificate {
  const cert = join(folder, `${name}-cert.pem`);
  const key = join(folder, `${name}-key.pem`);
  const protection = password === undefined ? ['-nodes'] : ['-passout', `pass:${password}`];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-days',
      '2',
      '-keyout',
      key,
    ].concat(['-out', cert], protection, subject),
    { stdio: 'pipe' },
  );
  return { cert, key };
}

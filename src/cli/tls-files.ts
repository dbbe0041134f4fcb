/** Certificates and keys as files, found good before anything listens. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { CommandError, usageError } from './command.js';

/** Paths of PEM files. */
export interface TlsPaths {
  readonly cert: string;
  /** Default: the key is in the file of the certificate. */
  readonly key: string | undefined;
  /** Its text, without white space at both ends, opens the key. */
  readonly passwordFile: string | undefined;
}

/** @throws CommandError 2 for a file that cannot be read, 1 for what does not fit together */
export function readTlsFiles({ cert, key = cert, passwordFile }: TlsPaths): SecureContextOptions {
  const keyOption = key === cert ? '--tls-cert' : '--tls-key';
  const keyText = readText(key, keyOption);
  const options: SecureContextOptions = { cert: readText(cert, '--tls-cert'), key: keyText };
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(keyText))
    throw failure(
      `${keyOption}: there is no private key in ${JSON.stringify(key)}; name its file by --tls-key.`,
    );
  if (passwordFile !== undefined) options.passphrase = readText(passwordFile, '--tls-password-file').trim();
  else if (/\bENCRYPTED\b/.test(keyText))
    throw failure('The private key is encrypted; give what opens it by --tls-password-file.');
  try {
    createSecureContext(options);
  } catch (error) {
    throw failure(`The certificate and its key cannot be used: ${(error as Error).message}.`, error);
  }
  return options;
}

function readText(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw usageError(`${option}: ${JSON.stringify(path)} cannot be read (${code}).`);
  }
}

function failure(message: string, cause?: unknown): CommandError {
  return new CommandError(message, 1, { cause });
}

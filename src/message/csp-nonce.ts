/** A nonce for inline scripts and styles of one page, in the page and in its policy alike. */
import { randomBytes } from 'node:crypto';
import { ObolError } from '../ground/errors.js';
import type { Settings } from './settings.js';

const SIZE = 16;

/**
 * Settings for one answer, whose policies name a new nonce; themselves where they are such already.
 * @param isLate whether the head has gone out
 * @param known that of the page which this answer becomes a part of
 * @throws ObolError E_CSP_NONCE if it has, without a nonce
 */
export function namingNonce(settings: Settings, isLate = false, known?: string): Settings {
  if (settings.finisher.nonce !== '') return settings;
  if (isLate && known === undefined)
    throw new ObolError(
      'E_CSP_NONCE',
      'A nonce was asked for after the head of the response had gone out, with a policy that does not name it; read ' +
        'req.cspNonce for the first part of a stream at the latest.',
    );
  const nonce = known ?? randomBytes(SIZE).toString('base64url');
  return { ...settings, finisher: settings.finisher.withNonce(nonce) };
}

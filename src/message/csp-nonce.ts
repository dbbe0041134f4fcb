/** A nonce for inline scripts and styles of one page, in the page and in its policy alike. */
import { randomBytes } from 'node:crypto';
import { ObolError } from '../ground/errors.js';
import type { Settings } from './settings.js';

const SIZE = 16;

const nonces = new WeakMap<Settings, string>();

/** The nonce that the policies of these settings name; `''` for none. */
export function nonceOf(settings: Settings): string {
  return nonces.get(settings) ?? '';
}

/**
 * Settings for one answer, whose policies name a new nonce; themselves where they are such already.
 * @param isLate whether the head has gone out @throws ObolError E_CSP_NONCE if it has, without a nonce
 */
export function namingNonce(settings: Settings, isLate = false): Settings {
  if (nonces.has(settings)) return settings;
  if (isLate)
    throw new ObolError(
      'E_CSP_NONCE',
      'A nonce was asked for after the head of the response had gone out, with a policy that does not name it; read ' +
        'req.cspNonce for the first part of a stream at the latest.',
    );
  const nonce = randomBytes(SIZE).toString('base64url');
  const own = { ...settings, finisher: settings.finisher.withNonce(nonce) };
  nonces.set(own, nonce);
  return own;
}

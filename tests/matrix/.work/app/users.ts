/** Who can log in: user `ann` with the password `secret`. */
import { access, hexdigest, PasswordMap, type PasswordUsers } from 'obol/auth';

export const REALM = 'Matrix';

export const digests = new PasswordMap();
digests.set(REALM, 'ann', hexdigest('ann', REALM, 'secret', 'SHA-256'));

export const users: PasswordUsers = {
  verify: (name, password) => name === 'ann' && password === 'secret',
};

export const rights = access(() => ({ groups: ['staff'] }));

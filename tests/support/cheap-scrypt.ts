/** node:crypto for tests that make many slow hashes and judge no cost: scrypt is asked for what it costs, and spends little. */
import * as crypto from 'node:crypto';

type ScryptArguments = [
  password: Buffer,
  salt: Buffer,
  length: number,
  cost: crypto.ScryptOptions,
  hashed: (error: Error | null, tag: Buffer) => void,
];

/** So much is spent at most; hashes that cost less are what they always are. */
const MOST = 64;

/** To be given to `jest.unstable_mockModule('node:crypto', ...)` before anything of obol is imported. */
export const cryptoWithCheapScrypt = {
  ...crypto,
  scrypt: (...[password, salt, length, { N = MOST, ...rest }, hashed]: ScryptArguments): void => {
    crypto.scrypt(password, salt, length, { ...rest, N: Math.min(N, MOST) }, hashed);
  },
};

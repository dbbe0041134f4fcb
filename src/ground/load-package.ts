/** Packages that only some applications need, and which they install themselves. */
import { createRequire } from 'node:module';
import { ObolError } from './errors.js';

/** The exports of a package. @param taker what needs it, for the message @throws ObolError E_PACKAGE when it is not installed */
export function loadPackage(name: string, taker: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (cause) {
    throw new ObolError('E_PACKAGE', `${taker} needs the package ${name}: npm install ${name}`, { cause });
  }
}

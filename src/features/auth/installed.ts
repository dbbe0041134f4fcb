/** Packages that only some applications need, and which they install themselves. */
import { createRequire } from 'node:module';
import { ObolError } from '../../kit.js';

/**
 * Looks for a package when the application is put together, and not with the first request.
 * @param who needs it, for the message
 * @throws ObolError E_PACKAGE when it is not installed
 */
export function assertInstalled(name: string, who: string): void {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new ObolError('E_PACKAGE', `${who} needs the package ${name}: npm install ${name}`, { cause });
  }
}

/** For an `import()` of such a package: only where failures are caught do bundlers take one that is not installed. */
export function notLoaded(cause: unknown): never {
  throw cause;
}

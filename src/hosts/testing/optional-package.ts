/** Packages that only some tests need, loaded when the first of them does. */
import { ObolError } from '../../kit.js';

/**
 * @param who needs it, for the message
 * @throws ObolError E_PACKAGE, as a rejection, when it is not installed
 */
export async function loadPackage<T>(name: string, who: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    throw new ObolError('E_PACKAGE', `${who} needs the package ${name}: npm install --save-dev ${name}`, {
      cause,
    });
  }
}

/** What a feature has left in the container for its guards. */
import type { InjectionToken } from 'tsyringe';
import { type GuardSetup, ObolError, providerOf } from '../../../kit.js';

/**
 * The object of a class that a feature provides.
 * @param missing what there is not without the feature, for the message
 * @throws ObolError E_AUTH when the application does not have the feature
 */
export function featureOf<T extends object>(
  setup: GuardSetup,
  target: InjectionToken<T> & object,
  missing: string,
): T {
  const provided = setup.tryResolve(target);
  if (provided) return provided;
  const feature = providerOf(target) ?? '';
  throw new ObolError('E_AUTH', `there is no ${missing}. Add features: [${feature}] to those of bootstrap.`);
}

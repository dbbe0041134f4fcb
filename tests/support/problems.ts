/** What bootstrap says of an application that is full of mistakes. */
import { ConfigurationError, type Problem } from '../../src/ground/errors.js';
import type { BootstrapOptions } from '../../src/application/options.js';
import { bootstrap } from 'obol';
import { collectingLogger } from './collecting-logger.js';

/** The mistakes that bootstrap lists. @throws when there are none */
export async function problemsOf(
  controllers: BootstrapOptions['controllers'],
  options: Omit<BootstrapOptions, 'controllers'> = {},
): Promise<readonly Problem[]> {
  return (await failureOf(controllers, options)).problems;
}

/** The error that bootstrap throws. @throws when it throws none */
export async function failureOf(
  controllers: BootstrapOptions['controllers'],
  options: Omit<BootstrapOptions, 'controllers'> = {},
): Promise<ConfigurationError> {
  try {
    await bootstrap({ logger: collectingLogger(), ...options, controllers });
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('bootstrap found no mistake');
}

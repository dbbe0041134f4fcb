/** An application of the given controllers behind a test client, its log collected. */
import { bootstrap } from 'obol';
import type { BootstrapOptions } from '../../src/application/options.js';
import { TestClient } from '../../src/hosts/testing/test-client.js';
import { collectingLogger } from './collecting-logger.js';

type Controllers = Extract<BootstrapOptions['controllers'], readonly unknown[]>;

export async function start(
  controllers: Controllers | Controllers[number],
  options: Omit<BootstrapOptions, 'controllers'> = {},
) {
  const logger = collectingLogger();
  const list = Array.isArray(controllers)
    ? (controllers as Controllers)
    : [controllers as Controllers[number]];
  const app = await bootstrap({ logger, ...options, controllers: list });
  return { app, logger, client: new TestClient(app) };
}

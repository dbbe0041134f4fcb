/** `bootstrap`: an application of annotated controllers that listens on node:http. */
import type { Application } from '../../application/application.js';
import { assemble } from '../../application/bootstrap.js';
import type { BootstrapOptions } from '../../application/options.js';
import { staticFiles } from '../../features/static/static-files.js';
import { listen } from './listen.js';
import type { ListenOptions } from './options.js';

/**
 * Puts an application together.
 * @throws ConfigurationError with all mistakes found, before anything listens
 *
 * @example
 * const app = await bootstrap({ controllers: [PeopleController] });
 * await app.listen({ port: 8080 });
 */
export function bootstrap(options: BootstrapOptions): Promise<Application<ListenOptions>> {
  return assemble<ListenOptions>(options, { listen, openDocumentRoot: staticFiles });
}

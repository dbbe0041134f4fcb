/** The process in which a module is loaded that an application comes from: nothing of it listens, and it ends with its answer. */
import { pathToFileURL } from 'node:url';
import { clientRoutes, type TabledRoute } from '../client/route-table.js';
import { beginInspection } from '../ground/inspection.js';
import { API_DOCUMENT } from '../features/openapi/openapi.js';
import type { Inspection } from './inspect.js';

/** What of an application is used; it may be one of another copy of Obol. */
interface Inspected {
  readonly routes: Iterable<TabledRoute> & { toJSON(): readonly object[]; toString(): string };
  resolve(token: symbol): unknown;
  close(): Promise<void>;
}

const [, , path = ''] = process.argv;
const listening = beginInspection();
/** What the module sends to a parent, as process managers want it, is no answer: to the module there is none. */
const send = process.send?.bind(process);
delete process.send;

/** The export `app`, `createApp` or the default one, or what it makes; else what the module would have listened with. */
async function applicationIn(path: string): Promise<Inspected> {
  const exports = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const given = exports['app'] ?? exports['createApp'] ?? exports['default'];
  const made: unknown = typeof given === 'function' ? await (given as () => unknown)() : await given;
  const found = [made, ...listening].find(isApplication);
  if (found) return found;
  throw new Error(
    'it exports no application as app or by default, nor a function that makes one as createApp, app or by default, and listens with none',
  );
}

function isApplication(value: unknown): value is Inspected {
  return typeof value === 'object' && value !== null && 'routes' in value && 'resolve' in value;
}

function documentOf(app: Inspected): Inspection['document'] {
  const document = described(app);
  return document && { json: document.toJSON(), yaml: document.toYaml() };
}

function described(app: Inspected): { toJSON(): object; toYaml(): string } | undefined {
  try {
    return app.resolve(API_DOCUMENT) as ReturnType<typeof described>;
  } catch {
    return undefined;
  }
}

async function inspect(): Promise<Inspection | { readonly error: string }> {
  try {
    const app = await applicationIn(path);
    if (listening.length > 0) process.stderr.write('Nothing listens: the application is only looked at.\n');
    const { routes } = app;
    const answer = {
      routes: routes.toJSON(),
      table: String(routes),
      client: clientRoutes(routes),
      document: documentOf(app),
    };
    await app.close();
    return answer;
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const answer = await inspect();
// What the module has left open must not keep the command waiting.
send?.(answer, undefined, undefined, () => process.exit());

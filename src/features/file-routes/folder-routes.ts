/** The routes of a folder, collected file by file. */
import { join } from 'node:path';
import { RedirectResponse, type Request } from '../../kit.js';
import { staticFiles, type StaticFiles } from '../static/static-files.js';
import { endingOf, namedPathOf, pathOf, variantPathOf } from './file-path.js';
import {
  type Around,
  type FileRoute,
  importAround,
  moduleRoutes,
  type PlannedController,
} from './module-routes.js';
import { type FileRoutesPlan, isModule } from './options.js';
import { HTML, type Loader, Page } from './page.js';
import type { FoundFile, ReportFile } from './read-folder.js';
import { negotiated, type Variant } from './variants.js';

/** Pages of one path. */
interface PageGroup {
  readonly around: Around;
  readonly variants: Variant[];
}

/** The folder may be a page of its own the next time. */
const TO_SLASH = { status: 308, headers: { 'Cache-Control': 'no-cache' } };
const NOTHING_AROUND: Around = { guards: [], middleware: [] };

export class FolderRoutes {
  readonly #plan: FileRoutesPlan;
  readonly #report: ReportFile;
  readonly #files: StaticFiles;
  readonly #routes: FileRoute[] = [];
  readonly #planned: PlannedController[] = [];
  readonly #pages = new Map<string, PageGroup>();
  readonly #around = new Map<string, Promise<Around>>();

  constructor(plan: FileRoutesPlan, report: ReportFile) {
    this.#plan = plan;
    this.#report = report;
    this.#files = staticFiles(plan.root);
  }

  /** Adds what a file answers, or reports what is wrong with it. */
  async add({ path, middleware }: FoundFile): Promise<void> {
    const around = joined(await Promise.all(middleware.map((file) => this.#aroundBy(file))));
    const ending = endingOf(path);
    const loader = this.#plan.loaders.get(ending);
    try {
      if (isModule(ending)) await this.#addModule(path, around);
      else if (loader) await this.#addPage(path, around, loader);
      else if (this.#plan.assets.has(ending)) this.#addAsset(path, around);
      else this.#report(path, unknownKind(ending));
    } catch (error) {
      this.#report(path, 'it cannot be routed', error);
    }
  }

  /** All of them, once every file was added. */
  finish(): { readonly routes: readonly FileRoute[]; readonly planned: readonly PlannedController[] } {
    for (const [path, group] of this.#pages) this.#routes.push(...pageRoutes(path, group));
    return { routes: [...this.#routes, ...redirectsTo(this.#routes)], planned: this.#planned };
  }

  /** Each module is imported once, and its mistake reported once. */
  #aroundBy(file: string): Promise<Around> {
    const known = this.#around.get(file);
    if (known) return known;
    const imported = importAround(join(this.#plan.root, file), this.#plan.timeout).catch((error: unknown) => {
      this.#report(file, 'it is no middleware', error);
      return NOTHING_AROUND;
    });
    this.#around.set(file, imported);
    return imported;
  }

  async #addModule(file: string, around: Around): Promise<void> {
    const { root, prefix, timeout } = this.#plan;
    const scope = { file: join(root, file), path: prefix + pathOf(file), around, timeout };
    const { routes, planned } = await moduleRoutes(scope);
    this.#routes.push(...routes);
    this.#planned.push(...planned);
  }

  async #addPage(file: string, around: Around, loader: Loader): Promise<void> {
    const { root, prefix, timeout } = this.#plan;
    const path = prefix + pathOf(file);
    const page = new Page({ file: join(root, file), path, timeout }, loader);
    await page.load();
    const group = this.#pages.get(path) ?? { around, variants: [] };
    const same = group.variants.find((variant) => variant.page.contentType === page.contentType);
    if (same) throw new Error(`${same.page.file} is the same page already, in the same type`);
    const variant = { page, path: prefix + variantPathOf(file) };
    // Of pages that a client likes the same, it gets the one for people.
    if (page.contentType === HTML) group.variants.unshift(variant);
    else group.variants.push(variant);
    this.#pages.set(path, group);
  }

  #addAsset(file: string, around: Around): void {
    const handler = (request: Request): unknown => this.#files.answer(request, file);
    const path = this.#plan.prefix + namedPathOf(file);
    this.#routes.push({ path, place: join(this.#plan.root, file), ...around, handler });
  }
}

/** Of several folders, the outermost first. */
function joined(around: readonly Around[]): Around {
  return {
    guards: around.flatMap(({ guards }) => guards),
    middleware: around.flatMap(({ middleware }) => middleware),
  };
}

/** One page answers its path; of several, each has a URL of its own, too. */
function pageRoutes(path: string, { around, variants }: PageGroup): FileRoute[] {
  const [first] = variants;
  if (variants.length === 1 && first)
    return [{ path, ...around, place: first.page.file, handler: first.page.handle }];
  return [
    {
      path,
      ...around,
      place: variants.map(({ page }) => page.file).join(', '),
      handler: negotiated(variants),
    },
    ...variants.map((variant) => ({
      path: variant.path,
      ...around,
      place: variant.page.file,
      handler: variant.page.handle,
    })),
  ];
}

/** Relative links of a page that answers for its folder need the slash at its end. */
function redirectsTo(routes: readonly FileRoute[]): FileRoute[] {
  const taken = new Set(routes.map(({ path }) => path));
  return routes
    .filter(({ path }) => typeof path === 'string' && path.length > 1 && path.endsWith('/'))
    .map((route) => ({
      ...route,
      path: (route.path as string).slice(0, -1),
      handler: (request: Request) => RedirectResponse.toSlash(request, TO_SLASH),
    }))
    .filter(({ path }) => !taken.has(path));
}

function unknownKind(ending: string): string {
  return (
    `nothing is known of ${ending === '' ? 'a name without an ending' : `"${ending}"`}: give fileRoutes a loader for it, or add it to ` +
    'its assets; a name that begins with "_" is passed over'
  );
}

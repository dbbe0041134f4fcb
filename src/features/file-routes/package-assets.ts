/** `packageAssets(name)`: files of an installed package, as far as its `exports` give them out. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import {
  assertSetting,
  checkOptions,
  copyOf,
  decodeSegment,
  HttpError,
  ObolError,
  Recent,
  type Request,
  rule,
  type Rules,
} from '../../kit.js';
import { staticFiles, type StaticFiles } from '../static/static-files.js';

export interface PackageAssetsOptions {
  /** A folder of the package, such as `dist`. Default the package itself. */
  readonly folder?: string | undefined;
  /** The module that uses the package: `import.meta.url`. Default one in the working directory. */
  readonly from?: string | URL | undefined;
}

const RULES: Rules<PackageAssetsOptions> = {
  folder: rule.text('a folder of the package, such as "dist"', /^(?:(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/|$))+$/),
  from: rule.that('the URL of a module, as import.meta.url, or its whole path', (value) =>
    value instanceof URL
      ? value.protocol === 'file:'
      : typeof value === 'string' && (value.startsWith('file:') || isAbsolute(value)),
  ),
};
const NAME = rule.text('the name of a package', /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/);
/** What Node would take from a specifier, as it makes a URL of it. */
const SPECIAL = /[%?#\\\s]/g;
/** Of files that were found, so that each is looked for once. */
const REMEMBERED = 1_000;

/** An installed package. */
interface Package {
  readonly name: string;
  readonly root: string;
  readonly hasExports: boolean;
  readonly require: NodeJS.Require;
}

/**
 * Serves files of a package, to be mounted or asked by a controller. Of one with `exports`, those alone that programs could import as
 * `name/file`; of any other all, but for hidden ones and packages inside.
 * @throws ObolError E_PACKAGE for a package that is not installed, E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * middleware: [mount('/swagger', packageAssets('swagger-ui-dist', { from: import.meta.url }))]
 * ```
 */
export function packageAssets(name: string, options: PackageAssetsOptions = {}): StaticFiles {
  assertSetting('packageAssets', name, NAME);
  checkOptions('packageAssets', options, RULES);
  const { folder, from = join(process.cwd(), 'index.js') } = options;
  const found = findPackage(name, from);
  if (!found.hasExports)
    return staticFiles(folder === undefined ? found.root : join(found.root, folder), {
      exclude: ['node_modules'],
    });
  const files = staticFiles(found.root);
  const fileOf = exportsOf(found, folder === undefined ? name : `${name}/${folder}`);
  const answer: StaticFiles['answer'] = (request, path) => {
    const file = fileOf(path);
    if (file === undefined) throw new HttpError(404);
    return files.answer(request, file);
  };
  const handle = (request: Request): ReturnType<StaticFiles> =>
    answer(request, decodeSegment(request.path.slice(1)));
  return Object.assign(handle, { answer });
}

function findPackage(name: string, from: string | URL): Package {
  const require = createRequire(from);
  const folders = (require.resolve.paths(`${name}/package.json`) ?? []).map((modules) => join(modules, name));
  const folder = folders.find((path) =>
    statSync(join(path, 'package.json'), { throwIfNoEntry: false })?.isFile(),
  );
  if (folder === undefined)
    throw new ObolError('E_PACKAGE', `packageAssets needs the package ${name}: npm install ${name}`);
  const root = realpathSync(folder);
  return { name, root, hasExports: hasExports(join(root, 'package.json')), require };
}

/** @throws ObolError E_PACKAGE for a manifest that is none */
function hasExports(file: string): boolean {
  try {
    const { exports } = JSON.parse(readFileSync(file, 'utf8')) as { readonly exports?: unknown };
    return exports !== undefined && exports !== null;
  } catch (cause) {
    throw new ObolError('E_PACKAGE', `packageAssets cannot read ${file}.`, { cause });
  }
}

/** Which file of the package a path leads to, as Node resolves it; undefined for one that it does not give out. */
function exportsOf({ root, require }: Package, start: string): (path: string) => string | undefined {
  const known = new Recent<{ readonly file: string }>({ entries: REMEMBERED });
  return (path) => {
    const kept = known.get(path);
    if (kept) return kept.file;
    const file = resolved(`${start}/${path.replace(SPECIAL, encodeURIComponent)}`, { root, require });
    if (file !== undefined) known.set(copyOf(path), { file });
    return file;
  };
}

function resolved(
  specifier: string,
  { root, require }: Pick<Package, 'root' | 'require'>,
): string | undefined {
  try {
    const path = resolve(require.resolve(specifier));
    return path.startsWith(root + sep) ? relative(root, path).split(sep).join('/') : undefined;
  } catch {
    return undefined;
  }
}

/** What `fileRoutes` takes, and its checked form. */
import { realpathSync } from 'node:fs';
import { inspect } from 'node:util';
import { assertSetting, checkOptions, ConfinedFolder, parseMediaType, rule, type Rules } from '../../kit.js';
import type { Loader } from './page.js';

export interface FileRoutesOptions {
  /** What the paths begin with, such as `/blog`. Default nothing. */
  readonly prefix?: string | undefined;
  /**
   * How files become pages, by their ending: `{ '.md': (text) => marked.parse(text) }`. Default `.html` and `.json`, as they are;
   * what is given comes beside them, or in their place.
   */
  readonly loaders?: Readonly<Record<string, Loader>> | undefined;
  /**
   * Endings of files that are sent as they are, under their whole names. Default those of styles, images, fonts, sound and films,
   * `.pdf`, `.txt`, `.xml` and `.webmanifest`.
   */
  readonly assets?: readonly string[] | undefined;
  /** Milliseconds that one module takes to be imported, or a loader for one file; longer is a mistake. Default 10,000. */
  readonly timeout?: number | undefined;
}

/** What is decided once. */
export interface FileRoutesPlan {
  /** The real path of the folder. */
  readonly root: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly loaders: ReadonlyMap<string, Loader>;
  readonly assets: ReadonlySet<string>;
  readonly timeout: number;
}

const ENDING = /^\.[a-z0-9]+$/;
const MODULES: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);
const ASSETS =
  '.css .png .jpg .jpeg .gif .webp .avif .svg .ico .woff .woff2 .ttf .otf .mp3 .ogg .m4a .wav .mp4 .webm .pdf .txt .xml .webmanifest'.split(
    ' ',
  );
const TIMEOUT = 10_000;
const LOADERS: Readonly<Record<string, Loader>> = {
  '.html': (text) => text,
  '.json': {
    type: 'application/json',
    load: (text) => {
      JSON.parse(text);
      return text;
    },
  },
};

const LOADED_ENDING = rule.text('an ending such as ".md", of no module', isOpenEnding);
const LOADER = rule.that('(text) => html, or { type: "text/plain", load: (text) => text }', isLoader);

const RULES: Rules<FileRoutesOptions> = {
  prefix: rule.text('a path such as "/blog"', /^(?:\/(?!\.{1,2}(?:\/|$))[^/<>?#]+)*\/?$/),
  loaders: (loaders, name) => {
    if (typeof loaders !== 'object' || loaders === null)
      return `${name}: ${inspect(loaders)} is no table of loaders by ending, such as { ".md": (text) => html }.`;
    for (const [ending, loader] of Object.entries(loaders)) {
      const wrong =
        LOADED_ENDING(ending, `${name}, name of a loader`) ?? LOADER(loader, `${name}[${inspect(ending)}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  },
  assets: rule.list('a list of endings', rule.text('an ending such as ".css"', isOpenEnding)),
  timeout: rule.milliseconds(),
};

/** Whether files of an ending are run. */
export function isModule(ending: string): boolean {
  return MODULES.has(ending);
}

/** @throws ObolError E_SETTING for a folder that is none and for a wrong option */
export function readOptions(folder: string | URL, options: FileRoutesOptions): FileRoutesPlan {
  checkOptions('fileRoutes', options, RULES);
  const { prefix = '', loaders, assets = ASSETS, timeout = TIMEOUT } = options;
  assertSetting('fileRoutes', folder, rule.path);
  return {
    root: realpathSync(ConfinedFolder.rootOf('fileRoutes', folder)),
    prefix: prefix.replace(/\/$/, ''),
    loaders: new Map(Object.entries({ ...LOADERS, ...loaders })),
    assets: new Set(assets),
    timeout,
  };
}

function isLoader(loader: unknown): boolean {
  if (typeof loader !== 'object' || loader === null) return typeof loader === 'function';
  const { type, load } = loader as { readonly type?: unknown; readonly load?: unknown };
  return typeof type === 'string' && parseMediaType(type) !== null && typeof load === 'function';
}

/** The source of modules is never sent. */
function isOpenEnding(ending: string): boolean {
  return ENDING.test(ending) && !isModule(ending);
}

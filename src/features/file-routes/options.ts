/** What `fileRoutes` takes, and its checked form. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkOptions, ObolError, rule, type Rules } from '../../kit.js';
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
}

/** What is decided once. */
export interface FileRoutesPlan {
  /** The real path of the folder. */
  readonly root: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly loaders: ReadonlyMap<string, Loader>;
  readonly assets: ReadonlySet<string>;
}

const ENDING = /^\.[a-z0-9]+$/;
const MODULES: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);
const ASSETS =
  '.css .png .jpg .jpeg .gif .webp .avif .svg .ico .woff .woff2 .ttf .otf .mp3 .ogg .m4a .wav .mp4 .webm .pdf .txt .xml .webmanifest'.split(
    ' ',
  );
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

const RULES: Rules<FileRoutesOptions> = {
  prefix: rule.text('a path such as "/blog"', /^(?:\/[^/<>?#]+)*\/?$/),
  loaders: rule.that(
    'functions by ending, or { type, load }, such as { ".md": (text) => html }',
    (value) => typeof value === 'object' && value !== null && Object.entries(value).every(isLoaderOf),
  ),
  assets: rule.list('a list of endings', rule.text('an ending such as ".css"', isOpenEnding)),
};

/** Whether files of an ending are run. */
export function isModule(ending: string): boolean {
  return MODULES.has(ending);
}

/** @throws ObolError E_SETTING for a folder that is none and for a wrong option */
export function readOptions(folder: string | URL, options: FileRoutesOptions): FileRoutesPlan {
  checkOptions('fileRoutes', options, RULES);
  const { prefix = '', loaders, assets = ASSETS } = options;
  const path = resolve(typeof folder === 'string' ? folder : fileURLToPath(folder));
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new ObolError('E_SETTING', `fileRoutes: ${JSON.stringify(path)} is no directory.`);
  return {
    root: realpathSync(path),
    prefix: prefix.replace(/\/$/, ''),
    loaders: new Map(Object.entries({ ...LOADERS, ...loaders })),
    assets: new Set(assets),
  };
}

function isLoaderOf([ending, loader]: [string, unknown]): boolean {
  if (!isOpenEnding(ending)) return false;
  if (typeof loader !== 'object' || loader === null) return typeof loader === 'function';
  const { type, load } = loader as { readonly type?: unknown; readonly load?: unknown };
  return typeof type === 'string' && typeof load === 'function';
}

/** The source of modules is never sent. */
function isOpenEnding(ending: string): boolean {
  return ENDING.test(ending) && !isModule(ending);
}

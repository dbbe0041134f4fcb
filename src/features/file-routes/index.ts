/** `obol/file-routes`: a folder of modules and pages as routes, and the files of installed packages. */
export { fileRoutes } from './file-routes.js';
export type { FileRoutesOptions } from './options.js';
export type { Loader, LoaderFunction, PageFile } from './page.js';
export { packageAssets, type PackageAssetsOptions } from './package-assets.js';

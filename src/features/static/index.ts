/** `obol/static`: folders of files, with listings. */
export type { Precompressed } from './codings.js';
export { DirectoryListing, type ListingPlace } from './directory-listing.js';
export { listDirectory, type ListDirectoryOptions } from './list-directory.js';
export type { StaticFilesOptions } from './options.js';
export type { DirectoryContent, ListedEntry } from './read-directory.js';
export { staticFiles, type StaticFiles } from './static-files.js';

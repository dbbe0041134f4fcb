/** Which names in a path may be asked for at all, before the file system is. */

/** A path in which a name is empty, leads elsewhere or has a NUL; a slash at its end is none of these. */
const WITHOUT_NAME = /^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|\0/;
/** Hidden names, besides the one folder at the top that is made to be served (RFC 8615). */
const HIDDEN = /^\.(?!well-known(?:\/|$))|\/\.|~(?:\/|$)/;

/** Devices, whatever ending they have; they are in every folder of Windows. */
const WINDOWS_DEVICE = /^(?:aux|con|conin\$|conout\$|nul|prn|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i;
/** Separators, drives and streams; what is no text; what Windows leaves off at the end; and short names, which dodge every rule. */
const WINDOWS_SPECIAL = /["*/:<>?\\|\x00-\x1f]|[\udc80-\udcff]|[. ]$|~\d/u;

export interface NameRules {
  /** Whether names that begin with a dot, and backups that end with `~`, may be asked for. */
  readonly showHidden: boolean;
  /** As `process.platform` names it. */
  readonly platform: string;
}

/** Whether a name is hidden by custom. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~');
}

/** Whether a relative path, decoded, consists of plain names; the last may be empty, as in `css/`. */
export function isServable(path: string, { showHidden, platform }: NameRules): boolean {
  if (WITHOUT_NAME.test(path) || (!showHidden && HIDDEN.test(path))) return false;
  return platform !== 'win32' || path.split('/').every(isPlainOnWindows);
}

/** Whether a URL can name it, and it names a file of this folder and nothing else. */
export function isPlain(name: string, platform: string): boolean {
  if (name === '' || name.includes('/') || WITHOUT_NAME.test(name)) return false;
  return platform !== 'win32' || isPlainOnWindows(name);
}

function isPlainOnWindows(name: string): boolean {
  return !WINDOWS_DEVICE.test(name) && !WINDOWS_SPECIAL.test(name);
}

/** The last name of a path has an ending, as those of files have. */
export function hasEnding(path: string): boolean {
  return /\.[^./]+\/?$/.test(path);
}

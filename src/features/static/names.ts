/** Which names in a path may be asked for at all, before the file system is. */

const CONTROL = /[\x00-\x1f\x7f]/;

/** Devices, whatever ending they have; they are in every folder of Windows. */
const WINDOWS_DEVICE = /^(?:aux|con|conin\$|conout\$|nul|prn|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i;
/** Separators, drives and streams; what Windows leaves off at the end; and short names, which dodge every rule. */
const WINDOWS_SPECIAL = /["*/:<>?\\|]|[. ]$|~\d/;

/** The one hidden folder that is made to be served, at the top (RFC 8615). */
const WELL_KNOWN = '.well-known';

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
  const names = path.split('/');
  if (names.at(-1) === '') names.pop();
  return names.every(
    (name, i) =>
      isPlain(name, platform) && (showHidden || !isHidden(name) || (i === 0 && name === WELL_KNOWN)),
  );
}

/** Whether a URL can name it, and it names a file of this folder and nothing else. */
export function isPlain(name: string, platform: string): boolean {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || CONTROL.test(name)) return false;
  return platform !== 'win32' || !(WINDOWS_DEVICE.test(name) || WINDOWS_SPECIAL.test(name));
}

/** The last name of a path has an ending, as those of files have. */
export function hasEnding(path: string): boolean {
  return /\.[^./]+\/?$/.test(path);
}

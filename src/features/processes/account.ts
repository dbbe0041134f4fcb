/** The account that programs run as: one without rights, where the server is root and does not say otherwise. */
import { statSync } from 'node:fs';
import { ObolError } from '../../kit.js';

/** A user and its one group; both undefined for those of the server. */
export interface Account {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const UNPRIVILEGED = 65_534;

/**
 * @param name of the feature, for messages
 * @param own of the server @throws ObolError E_SETTING for a user that this process may not choose
 */
export function accountOf(name: string, { uid, gid }: Account, own = process.getuid?.()): Account {
  if (own === 0) return { uid: uid ?? UNPRIVILEGED, gid: gid ?? UNPRIVILEGED };
  const isOther = (uid ?? own) !== own || (gid ?? process.getgid?.()) !== process.getgid?.();
  if (isOther)
    throw new ObolError(
      'E_SETTING',
      `${name}: only root can run programs as another user (${String(uid)}:${String(gid)}); this process is ${String(own)}. ` +
        'Leave uid and gid out, or start the server as that user.',
    );
  return {};
}

/**
 * The owner of a file or folder, for the options `uid` and `gid`: a program that works on what belongs to one user runs as
 * that one.
 * @throws Error of the file system when there is no such file
 *
 * @example
 * ```ts
 * cgiProgram('/usr/lib/git-core/git-http-backend', { env: { GIT_PROJECT_ROOT: root }, ...ownerOf(root) });
 * ```
 */
export function ownerOf(path: string | URL): { uid: number; gid: number } {
  const { uid, gid } = statSync(path);
  return { uid, gid };
}

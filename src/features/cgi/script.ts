/** What a request has found to be run. */

export interface Script {
  /** The path of the program that is run: the script itself, or its interpreter. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The path of the script. */
  readonly filename: string;
  /** The part of the path, decoded, that named it, below `request.base`; `''` where the whole path is left. */
  readonly name: string;
  /** The rest of the path, decoded; `''` for none. */
  readonly pathInfo: string;
}

/** Whether it writes a whole HTTP response (RFC 3875 5). */
export function isNph({ filename }: Script): boolean {
  return /(?:^|\/)nph-[^/]*$/.test(filename);
}

/** `CommandEnvironment`: runs programs of a command line in a folder of their own, and sees what they print and leave there. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { checkOptions, rule, type Rules } from '../../kit.js';

export interface CommandOptions {
  /** Written to the standard input, which then ends. Default nothing. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Variables besides those of this process. Default none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds, after which the program is killed. Default 60,000. */
  readonly timeout?: number | undefined;
}

/** How a program ended, and what it did. */
export interface CommandResult {
  /** Its exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Files of the folder that were not there before, by their paths within it, in order. */
  readonly created: readonly string[];
  /** Files whose content is another. */
  readonly changed: readonly string[];
  /** Files that are gone. */
  readonly deleted: readonly string[];
}

const RULES: Rules<CommandOptions> = {
  stdin: rule.that('text or bytes', (value) => typeof value === 'string' || value instanceof Uint8Array),
  env: rule.that('an object', (value) => typeof value === 'object' && value !== null),
  timeout: rule.milliseconds(),
};

/**
 * A temporary folder in which programs are run. It is gone after `remove`, or at the end of a `using` block.
 *
 * @example
 * ```ts
 * using environment = new CommandEnvironment();
 * const { code, created } = await environment.run('npx', ['obol', 'digest', '-c', 'users', 'Staff', 'smith'], { stdin: 'a\na\n' });
 * expect([code, created]).toEqual([0, ['users']]);
 * ```
 */
export class CommandEnvironment implements Disposable {
  /** The whole path of the folder. */
  readonly folder = mkdtempSync(join(tmpdir(), 'obol-command-'));

  /** Writes a file, and the folders that it is in. @returns its whole path */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** The text of a file. */
  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /**
   * Runs a program to its end, in the folder, without a shell.
   * @throws ObolError E_SETTING for a wrong option; Error, as a rejection, when it cannot be started
   */
  async run(
    program: string,
    args: readonly string[] = [],
    options: CommandOptions = {},
  ): Promise<CommandResult> {
    checkOptions('CommandEnvironment.run', options, RULES);
    const { stdin = '', env = {}, timeout = 60_000 } = options;
    const before = this.#files();
    const child = spawn(program, args, { cwd: this.folder, env: { ...process.env, ...env } });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    // One that does not read its input to the end may close it.
    child.stdin.on('error', () => undefined).end(stdin);
    try {
      const [[code], stdout, stderr] = await Promise.all([
        once(child, 'close') as Promise<[number | null]>,
        text(child.stdout),
        text(child.stderr),
      ]);
      return { code, stdout, stderr, ...difference(before, this.#files()) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Removes the folder, and all that is in it. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  /** What each file is, by its path within the folder. */
  #files(): Map<string, string> {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
    return new Map(
      files.map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const content = entry.isFile() ? readFileSync(path) : readlinkSync(path);
        return [relative(this.folder, path).replaceAll(sep, '/'), digestOf(content)];
      }),
    );
  }
}

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** By content: a time of modification is too coarse for programs that are quick. */
function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Pick<CommandResult, 'created' | 'changed' | 'deleted'> {
  const names = [...after.keys()].sort();
  return {
    created: names.filter((name) => !before.has(name)),
    changed: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
    deleted: [...before.keys()].filter((name) => !after.has(name)).sort(),
  };
}

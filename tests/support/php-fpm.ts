/** A php-fpm for tests, with a configuration of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { ScriptsFolder } from './scripts.js';

const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];

/** Debian names it by its version. */
function programPath(): string {
  const paths = FOLDERS.flatMap((folder) => filesIn(folder).map((name) => `${folder}/${name}`));
  const found =
    process.env['PHP_FPM_PROGRAM'] ?? paths.find((path) => /^php-fpm[\d.]*$/.test(basename(path)));
  if (found !== undefined) return found;
  throw new Error('There is no php-fpm; install it or set PHP_FPM_PROGRAM to its path.');
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export class PhpFpm {
  readonly socket: string;
  readonly #folder = new ScriptsFolder();
  readonly #config: string;
  #process: ChildProcess | undefined;

  private constructor(processes: number) {
    this.socket = `${this.#folder.path}/fpm.sock`;
    this.#config = this.#folder.file(
      'fpm.conf',
      `[global]
daemonize = no
error_log = ${this.#folder.path}/log
process_control_timeout = 1s
[test]
${process.getuid?.() === 0 ? 'user = nobody\n' : ''}listen = ${this.socket}
listen.mode = 0666
pm = static
pm.max_children = ${String(processes)}
php_value[session.save_path] = /tmp
php_value[post_max_size] = 64M
php_value[upload_max_filesize] = 64M
php_flag[display_errors] = off
php_flag[log_errors] = on
`,
    );
  }

  /** @param processes how many requests it works on at once */
  static async start(processes = 4): Promise<PhpFpm> {
    const fpm = new PhpFpm(processes);
    await fpm.restart();
    return fpm;
  }

  /** The id of its first process. */
  get pid(): number {
    return Number(this.#process?.pid);
  }

  /** Ends it where it runs, and starts it. */
  async restart(): Promise<void> {
    await this.end();
    const args = ['-F', '-O', '-R', '-n', '-y', this.#config];
    const child = spawn(programPath(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let output = '';
    for await (const text of child.stderr.iterator({ destroyOnReturn: false })) {
      output += String(text);
      if (output.includes('ready to handle connections')) break;
    }
    child.stderr.resume();
    if (!output.includes('ready')) throw new Error(`php-fpm has ended: ${output}`);
  }

  /** Ends it, as its service does. */
  async end(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exited;
  }

  async stop(): Promise<void> {
    await this.end();
    this.#folder.remove();
  }
}

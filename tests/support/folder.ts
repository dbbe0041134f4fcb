/** A folder of its own for the files of a test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** In whole seconds, and long ago. */
export const MODIFIED = new Date('1994-11-06T08:49:37Z');

export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'obol-test-'));

  /** Writes a file that was last modified long ago. @returns its path */
  file(name: string, content: string | Uint8Array, modified: Date = MODIFIED): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, modified, modified);
    return path;
  }

  /** Makes a FIFO, which nobody writes into. */
  fifo(name: string): string {
    const path = join(this.path, name);
    execFileSync('mkfifo', [path]);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

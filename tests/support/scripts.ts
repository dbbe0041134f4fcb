/** Scripts, in a folder that every user may read. */
import { chmodSync } from 'node:fs';
import { TestFolder } from './folder.js';

export class ScriptsFolder extends TestFolder {
  constructor() {
    super();
    // Where the server is root, scripts run as a user without rights.
    chmodSync(this.path, 0o755);
  }

  /** Writes a script of the shell that may be run. @returns its path */
  script(name: string, lines: string, mode = 0o755): string {
    return this.program(name, `#!/bin/sh\n${lines}\n`, mode);
  }

  /** Writes a script of any language that may be run. @returns its path */
  program(name: string, text: string, mode = 0o755): string {
    const path = this.file(name, text);
    chmodSync(path, mode);
    return path;
  }
}

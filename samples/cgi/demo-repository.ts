/** A folder with a small repository, for gitweb to show. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `git fast-import` makes commits of. */
const HISTORY = ['Hello', 'Hello, world', 'Hello, world!']
  .map((text, index) => {
    const message = `Greet the world (${String(index + 1)} of 3)\n`;
    return `commit refs/heads/main
committer A. Hacker <hacker@example.org> ${String(1_000_000_000 + index * 86_400)} +0000
data ${String(message.length)}
${message}M 644 inline greeting.txt
data ${String(text.length + 1)}
${text}

`;
  })
  .join('');

/** The folder goes when the process ends. */
export function demoRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'obol-gitweb-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  // Scripts may run as a user with fewer rights than this process has.
  chmodSync(folder, 0o755);
  const repository = join(folder, 'demo.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  execFileSync('git', ['--git-dir', repository, 'fast-import', '--quiet'], { input: HISTORY });
  writeFileSync(join(repository, 'description'), 'A small history\n');
  return folder;
}

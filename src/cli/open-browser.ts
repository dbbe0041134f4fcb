/** Opens a page in the browser of whoever sits there. */
import { spawn } from 'node:child_process';
import type { Terminal } from './command.js';

const OPENERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['darwin', ['open']],
  ['win32', ['cmd.exe', '/c', 'start', '""']],
]);
const OTHER_OPENER = ['xdg-open'];

/**
 * Opens a URL, and lets the program that does it live on by itself.
 * @param env tells the program where there is a screen, and us where there is a program
 * @param failed told why, when there is no such program or it gives up
 */
export function openBrowser(url: string, env: Terminal['env'], failed: (why: string) => void): void {
  const [program = '', ...args] = OPENERS.get(process.platform) ?? OTHER_OPENER;
  const opener = spawn(program, [...args, url], {
    env,
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
    windowsVerbatimArguments: true,
  });
  opener.once('error', ({ message }) => {
    failed(message);
  });
  opener.once('exit', (code) => {
    if (code !== 0) failed(`${program} ended with ${String(code)}`);
  });
  opener.unref();
}

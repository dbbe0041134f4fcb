/** Opens a page in the browser of the user. */
import { spawn } from 'node:child_process';
import type { Terminal } from './command.js';

const OPENERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['darwin', ['open']],
  ['win32', ['cmd.exe', '/c', 'start', '""']],
]);
const OTHER_OPENER = ['xdg-open'];

/**
 * Opens a URL, and lets the program that does it live on by itself.
 * @param env says where there is a screen, to the program, and where there is a program, to us
 * @param failed called with the reason when there is no such program or it gives up
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

/** What Linux says of a process that runs: its memory, its descriptors, and who came of it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Elsewhere a test that needs it is left out. */
export const HAS_PROC = existsSync('/proc/self/io');

/** Kilobytes that the process has in memory. */
export function residentMemory(pid: number): number {
  return statusOf(pid, 'VmRSS');
}

/** Kilobytes that the process had in memory at most, since the last `forgetPeak`. */
export function peakMemory(pid: number): number {
  return statusOf(pid, 'VmHWM');
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
}

/** How many files, sockets and pipes it has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/fd`).length;
}

/** Ids of all processes whose command line holds the text. Those that have ended and were not waited for have none. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(text))
    .map(Number);
}

/** Ids of the processes that it has started and that are there yet, ended or not. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter(
      (name) =>
        /^\d+$/.test(name) && /^\d+ \(.*\) \S (\d+)/s.exec(read(`/proc/${name}/stat`))?.[1] === String(pid),
    )
    .map(Number);
}

function statusOf(pid: number, field: string): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}

/** Nothing where the process is gone by now. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

// The static files: what the folder holds, and the requests for it with the answers they must get.

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from './form-workloads.mjs';
import { temporary } from './temporary.mjs';

/** The folder that every server serves. */
export const fileFolder = join(temporary, 'static');

const files = {
  'static-1k': { name: '1k.css', type: 'text/css; charset=utf-8', size: 1024 },
  'static-64k': { name: '64k.png', type: 'image/png', size: 64 * 1024, worth: 2 },
  'static-10m': {
    name: '10m.bin',
    type: 'application/octet-stream',
    size: 10 * 1024 * 1024,
    worth: 200,
    connections: 4,
  },
};

export const fileWorkloadNames = Object.keys(files);

/** Writes the file of a workload; gives the workload as those in `workloads.mjs` are, with the bytes as its answer. */
export function fileWorkload(workload) {
  const { name, type, size, ...rest } = files[workload];
  const path = join(fileFolder, name);
  const answer = contentOf(size);
  mkdirSync(fileFolder, { recursive: true });
  writeFileSync(path, answer);
  const modified = new Date(statSync(path).mtimeMs).toUTCString();
  return { ...rest, requests: [{ method: 'GET', path: `/${name}`, type, answer, modified }] };
}

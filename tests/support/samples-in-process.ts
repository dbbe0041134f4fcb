/** Samples, loaded by this process without anything that listens. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Application } from 'obol';
import { beginInspection } from '../../src/ground/inspection.js';

const SAMPLES = resolve(import.meta.dirname, '../../samples');

/** Of all samples. */
export function sampleNames(): string[] {
  return readdirSync(SAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The applications that a sample would have listened with. */
export async function loadSample(name: string): Promise<readonly Application[]> {
  const listening = beginInspection();
  const before = listening.length;
  await import(`${SAMPLES}/${name}/main.ts`);
  return listening.slice(before).filter(isApplication);
}

function isApplication(value: unknown): value is Application {
  return typeof value === 'object' && value !== null && 'routes' in value && 'handle' in value;
}

/** Counts the functions of ours that a request runs, with the profiler of V8 in the process that answers it. */
import { Session, type Profiler } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import type { Step } from './journey-report.js';

const SOURCE = new URL('../../src/', import.meta.url).href;
const ROUNDS = 9;
/** V8 makes a function of the fields of a class, which stands nowhere in the source. */
const SYNTHETIC = /^<(?:instance_members|static)_initializer>$/;

const session = new Session();
session.connect();
await session.post('Profiler.enable');

/** Drawn for many requests, and anew for each one only where other work keeps them more than some milliseconds apart. */
const DRAWN = /^_?#?draw$/;

/**
 * The functions that a warm request runs: the fewest of nine rounds, since what is done once a second is no part of it. Two rounds before
 * them fill the caches.
 * @param send sends the request and resolves when its answer has come
 */
export async function countSteps(send: () => Promise<void>): Promise<readonly Step[]> {
  await send();
  await send();
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const rounds: Step[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await send();
    // Taking the counts sets them back to nothing.
    const { result } = await session.post('Profiler.takePreciseCoverage');
    rounds.push(result.flatMap(stepsOf));
  }
  await session.post('Profiler.stopPreciseCoverage');
  return rounds.reduce((fewest, each) => (each.length < fewest.length ? each : fewest));
}

function stepsOf({ url, functions }: Profiler.ScriptCoverage): Step[] {
  const place = url.startsWith('file:') ? url : pathToFileURL(url).href;
  if (!place.startsWith(SOURCE)) return [];
  return functions.flatMap(({ functionName, ranges: [range] }) => {
    if (!range || range.count === 0) return [];
    if (SYNTHETIC.test(functionName) || DRAWN.test(functionName)) return [];
    const name = functionName === '' ? `@${range.startOffset}` : functionName;
    return { file: place.slice(SOURCE.length), name, characters: range.endOffset - range.startOffset };
  });
}

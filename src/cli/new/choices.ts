/** What a new project may have: chosen in the command line, by an answer, or by default. */
import { usageError } from '../command.js';
import type { Ask } from './questions.js';

/** What runs the tests; the first is the default. */
export const RUNNERS = ['node', 'vitest', 'jest'] as const;

export type Runner = (typeof RUNNERS)[number];

export interface Choices {
  readonly test: Runner;
  /** Whether it answers with pages, or with JSON. */
  readonly pages: boolean;
}

/** @throws CommandError 2 for a runner that is not known */
export function runnerNamed(text: string): Runner {
  const runner = RUNNERS.find((name) => name === text);
  if (!runner) throw usageError(`--test: ${JSON.stringify(text)} is none of ${RUNNERS.join(', ')}.`);
  return runner;
}

/** Asks for what is not given; without `ask` that is the default. */
export async function choose(
  { test, pages }: { readonly test?: Runner | undefined; readonly pages?: boolean | undefined },
  ask: Ask = () => Promise.resolve(''),
): Promise<Choices> {
  return { test: test ?? (await askRunner(ask)), pages: pages ?? (await askPages(ask)) };
}

async function askRunner(ask: Ask): Promise<Runner> {
  for (;;) {
    const answer = (await ask(`What runs the tests: ${RUNNERS.join(', ')}? [${RUNNERS[0]}] `)).toLowerCase();
    if (answer === '') return RUNNERS[0];
    const runner = RUNNERS.find((name) => name.startsWith(answer));
    if (runner) return runner;
  }
}

function askPages(ask: Ask): Promise<boolean> {
  return askYesOrNo(ask, 'Pages with HTML, not only JSON? [y/N]', false);
}

/** Whether packages are installed at once: as the user at a terminal likes, who may say Enter for yes; nowhere else. */
export async function chooseInstall(ask: Ask | undefined): Promise<boolean> {
  return ask !== undefined && (await askYesOrNo(ask, 'Install the packages now? [Y/n]', true));
}

async function askYesOrNo(ask: Ask, question: string, byDefault: boolean): Promise<boolean> {
  for (;;) {
    const answer = (await ask(`${question} `)).toLowerCase();
    if (answer === '') return byDefault;
    if (['n', 'no'].includes(answer)) return false;
    if (['y', 'yes'].includes(answer)) return true;
  }
}

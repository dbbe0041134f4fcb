/** A journey in words: its size beside its budget, and the functions that ran. */
import { JOURNEY_BUDGETS, type JourneyName, type JourneySize } from './journey-budgets.js';

/** One function that ran. */
export interface Step {
  /** Below `src`. */
  readonly file: string;
  /** A closure without a name is told apart by where it begins. */
  readonly name: string;
  /** Of its source as it is run, without types and with the functions that stand in it. */
  readonly characters: number;
}

/** What is held against a budget. */
export function sizeOf(steps: readonly Step[]): JourneySize {
  return {
    functions: steps.length,
    files: new Set(steps.map(({ file }) => file)).size,
    kiloCharacters: Math.round(steps.reduce((sum, { characters }) => sum + characters, 0) / 100) / 10,
  };
}

/** One line, and on request one more for each function with the length of its source. */
export function reportOf(name: JourneyName, steps: readonly Step[], withList: boolean): string {
  const size = sizeOf(steps);
  const budget = JOURNEY_BUDGETS[name];
  const line =
    `${name.padEnd(20)}functions ${size.functions} (${budget.functions}), files ${size.files} (${budget.files}), ` +
    `thousand characters ${size.kiloCharacters} (${budget.kiloCharacters})`;
  const list = steps.map((step) => `  ${step.file} ${step.name} ${step.characters}`);
  return withList ? [line, ...list].join('\n') : line;
}

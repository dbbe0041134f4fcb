/** How mistakes are collected, so that one run of bootstrap reports them all. */
import { ObolError, type Problem } from '../ground/errors.js';

/** Takes a mistake. */
export type Report = (problem: Problem) => void;

/**
 * The result of a step.
 * @param where which member it is about, and where that stands
 * @returns undefined when the step threw a developer's mistake, which is reported
 */
export function orReport<T>(
  step: () => T,
  report: Report,
  where: Pick<Problem, 'member' | 'place'> = {},
): T | undefined {
  try {
    return step();
  } catch (error) {
    reportMistake(error, report, where);
    return undefined;
  }
}

/** The same for a step that takes time. */
export async function orReportLater(step: () => Promise<void>, report: Report): Promise<void> {
  await step().catch((error: unknown) => {
    reportMistake(error, report);
  });
}

/** @throws the error, where it is no developer's mistake */
function reportMistake(error: unknown, report: Report, where: Pick<Problem, 'member' | 'place'> = {}): void {
  if (!(error instanceof ObolError)) throw error;
  report({ code: error.code, message: error.message, ...where });
}

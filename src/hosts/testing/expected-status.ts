/** The statuses that a test expects, so that it need not ask for each. */
import { AssertionError } from 'node:assert';
import { rule } from '../../kit.js';
import type { TestResponse } from './test-response.js';

/** A status, such as 201, or a class of them. */
export type ExpectedStatus = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'any';

const CLASS = /^(?:[1-5]xx|any)$/;
const isExpectation = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isInteger(value) && value >= 100 && value <= 599
    : CLASS.test(String(value));

export const EXPECT_RULE = rule.oneOrMore(
  'a status or a list of them, such as 201 or ["2xx", 404]',
  rule.that('a status, a class such as "2xx", or "any"', isExpectation),
);

/** Characters of a body that a message shows. */
const MAX_SHOWN = 300;

/** @throws AssertionError, as a rejection, which shows where an unexpected answer begins */
export async function assertStatus(
  response: TestResponse,
  expected: ExpectedStatus | readonly ExpectedStatus[] | undefined,
  asked: string,
): Promise<void> {
  if (expected === undefined) return;
  const all = [expected].flat();
  if (all.some((each) => matches(response.status, each))) return;
  // What comes piece by piece may never end.
  const body = response.isStream ? '' : (await response.text()).slice(0, MAX_SHOWN);
  throw new AssertionError({
    message: `${asked} was answered with ${String(response.status)}, not ${all.join(' or ')}${body && `:\n${body}`}`,
    actual: response.status,
    expected: all.length === 1 ? all[0] : all,
    operator: 'expect',
  });
}

function matches(status: number, expected: ExpectedStatus): boolean {
  if (typeof expected === 'number') return status === expected;
  return expected === 'any' || expected.startsWith(String(Math.floor(status / 100)));
}

/** Outages: one warning when something goes away, one when it is back, whatever happens in between. */
import { beforeEach, expect, test } from '@jest/globals';
import { LateLogger } from '../../src/ground/log/logger.js';
import { Outage } from '../../src/ground/outage.js';
import { collectingLogger } from '../support/collecting-logger.js';

const LINES = { away: 'The store is away', back: 'The store is back.' };

let logger: ReturnType<typeof collectingLogger>;
let outage: Outage;

beforeEach(() => {
  logger = collectingLogger();
  outage = new Outage(logger, LINES);
});

test('is one warning however often it is met, and one when it is over', () => {
  outage.ended();
  for (const reason of ['refused', 'timed out', 'timed out']) outage.began(reason);
  expect(outage.isOn).toBe(true);
  outage.ended();
  outage.ended();
  expect(outage.isOn).toBe(false);
  outage.began('refused again');
  expect(logger.warnings).toEqual([
    'The store is away: refused',
    'The store is back.',
    'The store is away: refused again',
  ]);
});

test('is over when no part fails any more', () => {
  outage.began('no keys', 'discovery');
  outage.began('no answer', 'login');
  outage.ended('discovery');
  expect([outage.isOn, logger.warnings]).toEqual([true, ['The store is away: no keys']]);
  outage.ended('login');
  expect([outage.isOn, logger.warnings]).toEqual([
    false,
    ['The store is away: no keys', 'The store is back.'],
  ]);
});

test('that is forgotten is not told to be over', () => {
  outage.began('refused');
  outage.forget();
  outage.ended();
  expect([outage.isOn, logger.warnings]).toEqual([false, ['The store is away: refused']]);
});

test('is one line, whatever the reason holds', () => {
  outage.began('a\nb');
  expect(logger.warnings).toEqual(['The store is away: a\\nb']);
});

test('goes to the logger that an application has by then', () => {
  const late = new LateLogger();
  const early = new Outage(late, LINES);
  late.start(logger);
  early.began('refused');
  early.began('refused');
  late.error('a crash');
  expect([logger.warnings, logger.errors]).toEqual([['The store is away: refused'], ['a crash']]);
});

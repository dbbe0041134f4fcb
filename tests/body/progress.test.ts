import { describe, expect, test } from '@jest/globals';
import type { UploadProgress } from '../../src/body/form-options.js';
import { ProgressMeter } from '../../src/body/progress.js';

describe('ProgressMeter', () => {
  test('adds up what arrives', () => {
    const seen: UploadProgress[] = [];
    const meter = new ProgressMeter(10, (progress) => seen.push(progress));
    meter.advance(4);
    meter.filename = 'a.txt';
    meter.advance(6);
    expect(seen).toEqual([
      { received: 4, total: 10, rate: expect.any(Number), filename: undefined },
      { received: 10, total: 10, rate: expect.any(Number), filename: 'a.txt' },
    ]);
  });

  test('tells of no total that the client did not', () => {
    const seen: UploadProgress[] = [];
    new ProgressMeter(undefined, (progress) => seen.push(progress)).advance(1);
    expect(seen[0]?.total).toBeUndefined();
  });

  test('gives a finite rate from the first byte on', () => {
    const rates: number[] = [];
    const meter = new ProgressMeter(undefined, ({ rate }) => rates.push(rate));
    meter.advance(5);
    meter.advance(5);
    for (const rate of rates) expect(rate > 0 && rate <= 10_000).toBe(true);
  });

  test('needs nobody who listens', () => {
    expect(() => {
      new ProgressMeter(1, undefined).advance(1);
    }).not.toThrow();
  });

  test('passes on what the listener throws', () => {
    const meter = new ProgressMeter(1, () => {
      throw new RangeError('no');
    });
    expect(() => {
      meter.advance(1);
    }).toThrow(new RangeError('no'));
  });
});

/** Seeking in a film: Chromium asks for the part it needs, and plays from there. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emptySite, type Site } from '../../support/site.js';
import { SampleInBrowser } from '../../support/browser.js';

const RATE = 48_000;
const SECONDS = 240;
const HEADER = 44;
/** Two channels of 16 bits. */
const BYTES_PER_SECOND = RATE * 4;
const SIZE = HEADER + SECONDS * BYTES_PER_SECOND;

/** Silence as WAV, which every build of Chromium plays. */
function silence(): Buffer {
  const wav = Buffer.alloc(SIZE);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(SIZE - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(BYTES_PER_SECOND, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(SIZE - HEADER, 40);
  return wav;
}

/** The first and last position that a response says it holds. */
function rangeOf(headers: Record<string, string>): number[] {
  return (headers['content-range']?.match(/\d+/g) ?? []).map(Number);
}

describe('a film in a folder', () => {
  let site: Site;
  let sample: SampleInBrowser;

  beforeAll(async () => {
    site = emptySite();
    site.write('film.wav', silence());
    site.write(
      'index.html',
      '<!DOCTYPE html><title>Film</title><video src="film.wav" preload="metadata" muted>',
    );
    sample = await SampleInBrowser.start('static', { FOLDER: site.root });
  });

  afterAll(async () => {
    await sample.stop();
    site.remove();
  });

  /** Resolves when the film has its length, or rejects with what it says is wrong. */
  const LOADED = `new Promise((resolve, reject) => {
    const video = document.querySelector('video');
    const done = () => resolve(video.duration);
    if (video.readyState > 0) return done();
    video.onerror = () => reject(video.error);
    video.onloadedmetadata = done;
  })`;

  const seekTo = (seconds: number): string => `new Promise((resolve, reject) => {
    const video = document.querySelector('video');
    video.onerror = () => reject(video.error);
    video.onseeked = () => resolve([video.currentTime, video.readyState >= 2]);
    video.currentTime = ${String(seconds)};
  })`;

  test('is sought in by ranges: the end is there without the middle', async () => {
    const { page } = await sample.open('/');
    expect(await page.evaluate(LOADED)).toBe(SECONDS);
    expect(await page.evaluate(`document.querySelector('video').seekable.end(0)`)).toBe(SECONDS);
    const seconds = SECONDS - 10;
    const middle = (SECONDS / 2) * BYTES_PER_SECOND;
    const part = page.waitForResponse((response) => (rangeOf(response.headers())[0] ?? 0) > middle);
    expect(await page.evaluate(seekTo(seconds))).toEqual([seconds, true]);
    const [first = 0, last, full] = rangeOf((await part).headers());
    // A little before the place, since it reads in blocks.
    expect(first).toBeLessThanOrEqual(HEADER + seconds * BYTES_PER_SECOND);
    expect([last, full]).toEqual([SIZE - 1, SIZE]);
    await page.context().close();
  });

  test('plays on from where it was sought', async () => {
    const { page } = await sample.open('/');
    await page.evaluate(LOADED);
    await page.evaluate(seekTo(200));
    const played = `new Promise((resolve, reject) => {
      const video = document.querySelector('video');
      video.ontimeupdate = () => video.currentTime > 200 && resolve(video.currentTime < ${String(SECONDS)});
      video.play().catch(reject);
    })`;
    expect(await page.evaluate(played)).toBe(true);
    await page.context().close();
  });
});

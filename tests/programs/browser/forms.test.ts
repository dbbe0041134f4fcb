/** The sample with a form in a real browser: the bar moves, thumbnails appear, and nothing breaks the policy. */
import { createHash, randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SampleInBrowser, type Page } from '../../support/browser.js';

const PICTURE = png(16, 12);
const LARGE = randomBytes(3 * 1024 * 1024);
/** Bytes a second that the browser may send, so that the upload takes a second. */
const THROUGHPUT = 3 * 1024 * 1024;

/** What runs in the page: collects the values that the bar takes. */
const WATCH_BAR = `(() => {
  const values = [];
  const bar = document.querySelector('progress');
  new MutationObserver(() => values.push(bar.value)).observe(bar, { attributeFilter: ['value'] });
  return values;
})()`;

/** What runs in the page: width and height of the thumbnail's picture, once it is there. */
const IMAGE_SIZE = `(async () => {
  const image = document.querySelector('#result img');
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
})()`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('samples/forms in Chromium', () => {
  let sample: SampleInBrowser;

  beforeAll(async () => {
    sample = await SampleInBrowser.start('forms');
  });

  afterAll(async () => {
    await sample.stop();
  });

  async function fill(page: Page): Promise<void> {
    await page.getByLabel('Your name').fill('Žofie <b>');
    await page.getByLabel('A few words').fill('two\nlines');
    for (const colour of ['red', 'blue']) await page.getByLabel(colour).check();
    await page.getByLabel('Files').setInputFiles([
      { name: 'žirafa.png', mimeType: 'image/png', buffer: PICTURE },
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: LARGE },
    ]);
  }

  test('sends the form, moves the bar meanwhile, and shows what came', async () => {
    const { page, complaints } = await sample.open('/');
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: THROUGHPUT,
    });
    await fill(page);
    const bar = await page.evaluateHandle<number[]>(WATCH_BAR);
    const [response] = await Promise.all([
      page.waitForResponse((each) => each.url().includes('/upload?upload-id=')),
      page.getByRole('button', { name: 'Send' }).click(),
    ]);

    const json = (await response.json()) as { files: { picture?: string }[] };
    expect(json).toEqual({
      fields: { name: ['Žofie <b>'], message: ['two\r\nlines'], colour: ['red', 'blue'] },
      files: [
        {
          field: 'files',
          name: 'žirafa.png',
          type: 'image/png',
          length: PICTURE.length,
          sha256: sha256(PICTURE),
          picture: expect.stringMatching(/^\/pictures\/[\da-f-]{36}$/),
        },
        {
          field: 'files',
          name: 'large.bin',
          type: 'application/octet-stream',
          length: LARGE.length,
          sha256: sha256(LARGE),
        },
      ],
    });

    await page.getByText('large.bin', { exact: true }).waitFor();
    await page.getByText(/^complete: 3\.1 MB of 3\.1 MB, .*, large\.bin$/).waitFor();
    const values = await bar.jsonValue();
    const between = new Set(values.filter((value) => value > 0 && value < 1));
    expect(between.size).toBeGreaterThanOrEqual(3);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(await page.locator('dd').allTextContents()).toEqual(['Žofie <b>', 'two\r\nlines', 'red', 'blue']);

    const images = page.locator('#result img');
    expect(await images.count()).toBe(1);
    expect(await page.evaluate<number[]>(IMAGE_SIZE)).toEqual([16, 12]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('sends the form without scripts, too', async () => {
    const { page, complaints } = await sample.open('/', { javaScriptEnabled: false });
    await fill(page);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await page.locator('.files b').allTextContents()).toEqual(['žirafa.png', 'large.bin']);
    expect(await page.locator('.files code').allTextContents()).toEqual([sha256(PICTURE), sha256(LARGE)]);
    expect(await page.locator('dd').allTextContents()).toEqual(['Žofie <b>', 'two\nlines', 'red', 'blue']);
    const source = await page.locator('.files img').getAttribute('src');
    const picture = await page.request.get(sample.url + (source ?? ''));
    expect([picture.headers()['content-type'], await picture.body()]).toEqual(['image/png', PICTURE]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

/** A picture of one colour. */
function png(width: number, height: number): Buffer {
  const row = Buffer.concat([Buffer.alloc(1), Buffer.alloc(width * 3, Buffer.from([36, 89, 214]))]);
  const pixels = Buffer.concat(Array.from({ length: height }, () => row));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

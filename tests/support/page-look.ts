/** How a page looks in a browser: whether it fits, whether its texts can be read, and photographs of it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './browser.js';

const WIDTHS = { narrow: 320, wide: 1280 };
const SCHEMES = ['light', 'dark'] as const;

/**
 * Runs in the page. Gives the pixels by which the page is too wide, and each text whose contrast with what is behind it
 * is below 4.5 (WCAG 2.2, 1.4.3).
 */
const LOOK = `(() => {
  const parse = (color) => { const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
    && getComputedStyle(document.documentElement).colorScheme.includes('dark');
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(parse(getComputedStyle(each).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), isDark ? [18, 18, 18] : [255, 255, 255]);
  };
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const contrast = (element) => {
    const ground = behind(element);
    const [dim, bright] = [luminance(over(parse(getComputedStyle(element).color), ground)), luminance(ground)].sort((a, b) => a - b);
    return (bright + 0.05) / (dim + 0.05);
  };
  const elements = new Set(document.querySelectorAll('input:not([type=hidden]), textarea, select'));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (texts.currentNode.data.trim() !== '') elements.add(texts.currentNode.parentElement);
  const seen = [...elements].filter((element) => element.checkVisibility() && element.getClientRects().length > 0);
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    checked: seen.length,
    tooWide: scrollWidth - clientWidth,
    dim: seen.filter((element) => contrast(element) < 4.5)
      .map((element) => contrast(element).toFixed(2) + ' ' + element.tagName + ' ' + element.textContent.slice(0, 40)),
  };
})()`;

interface Look {
  readonly checked: number;
  readonly tooWide: number;
  readonly dim: readonly string[];
}

/**
 * Looks at a page, light and dark, narrow and wide.
 * @param name of the photographs, which are taken when the environment names a folder for them, PHOTOS
 * @returns what is wrong, a line each
 */
export async function lookAt(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [size, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: 720 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const { checked, tooWide, dim } = await page.evaluate<Look>(LOOK);
      const where = `${name}, ${size}, ${colorScheme}`;
      if (checked === 0) faults.push(`${where}: there is nothing to read`);
      if (tooWide > 0) faults.push(`${where}: ${String(tooWide)} pixels too wide`);
      faults.push(...dim.map((text) => `${where}: contrast ${text}`));
      await photograph(page, `${name}-${size}-${colorScheme}`);
    }
  }
  return faults;
}

async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env['PHOTOS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replace(/[^\w.-]+/g, '_')}.png`), fullPage: true });
}

/** How a setting is called in the environment. */

/**
 * `SHOP_DATABASE__URL` for `['database', 'url']` and the prefix `SHOP_`: levels are parted by two underscores, words by one.
 * @param prefix default that of Obol's own settings
 */
export function variableName(path: readonly string[], prefix = 'OBOL_'): string {
  const words = path.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return prefix + words.join('__');
}

/** URLs that pages and tests give. */

/**
 * @returns undefined for what is no URL. `URL.canParse` would be shorter, but Node 20 and 22 answer it wrongly for characters
 * such as `é`, once it has been asked often.
 */
export function urlOf(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

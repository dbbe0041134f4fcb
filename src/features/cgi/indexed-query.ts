/** The words of a query without `=`, as the arguments of a script (RFC 3875 4.4). */

/** @returns none where a word cannot be decoded, or could be taken for an option (CVE-2012-1823) */
export function indexedArguments(query: string): string[] {
  if (query === '' || query.includes('=')) return [];
  try {
    const words = query.split('+').map(decodeURIComponent);
    return words.some((word) => word.startsWith('-') || word.includes('\0')) ? [] : words;
  } catch {
    return [];
  }
}

/** HTTP dates (RFC 9110 5.6.7). */

let cachedSecond = NaN;
let cachedDate = '';

/** The moment as IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`. @param ms milliseconds since the epoch */
export function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedDate = new Date(ms).toUTCString();
  }
  return cachedDate;
}

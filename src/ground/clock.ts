/** The clock that cookies and what they stand for are written by. */

/** Now, in whole seconds since the epoch. */
export function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

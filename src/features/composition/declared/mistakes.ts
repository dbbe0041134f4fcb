/** What is wrong with a configuration: all of it, each once. */

export class Mistakes {
  /** Sentences that begin with the place of what is wrong. */
  readonly lines: string[] = [];
  /** What was thrown first. */
  cause: unknown;
  readonly #circles = new Set<string>();

  add(line: string): void {
    if (!this.lines.includes(line)) this.lines.push(line);
  }

  /** What was thrown while a part was made. */
  addThrown(place: string, error: unknown): void {
    this.cause ??= error;
    const message = error instanceof Error ? error.message : String(error);
    for (const line of message.split('\n')) this.add(line.startsWith(place) ? line : `${place}: ${line}`);
  }

  /** Whether a name leads back to itself: one mistake, wherever the circle is entered. */
  isCircle(names: readonly string[], name: string, place: string): boolean {
    if (!names.includes(name)) return false;
    const circle = names.slice(names.indexOf(name));
    const key = [...circle].sort().join('\n');
    if (!this.#circles.has(key)) this.add(`${place}: ${[...circle, name].join(' -> ')} is a circle.`);
    this.#circles.add(key);
    return true;
  }
}

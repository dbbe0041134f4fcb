/** How far a program is, as its own lines say: a percentage at the end of one. */

const PERCENTAGE = /(?<![\d.,])(\d{1,3})(?:[.,]\d{1,9})?[ \u00a0]?%[ \t]*$/;
/** Characters at the end of a line that are looked at. */
const LOOK = 64;

/** Reads the percentages of one stream. */
export class ProgressLine {
  #last = '';

  /** The last percentage of further text, 0 to 100; undefined when there is none. */
  read(text: string): number | undefined {
    const lines = (this.#last + text).split('\n').map((line) => line.slice(-LOOK));
    this.#last = lines.at(-1) ?? '';
    const percentages = lines.map((line) => Number(PERCENTAGE.exec(line)?.[1] ?? Infinity));
    return percentages.findLast((percentage) => percentage <= 100);
  }
}

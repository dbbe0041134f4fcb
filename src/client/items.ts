/** Reads a JSON array item by item, as it comes. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** What opens counts one up, what closes one down. */
const DEPTHS: Readonly<Record<number, 1 | -1>> = { 0x5b: 1, 0x7b: 1, 0x5d: -1, 0x7d: -1 };

/**
 * The items of an array whose text comes in pieces of any size.
 * @throws SyntaxError, as a rejection, for what is no array, and where the text ends before the array does
 */
export async function* itemsOf(texts: AsyncIterable<string>): AsyncGenerator {
  const scanner = new ItemScanner();
  for await (const text of texts) yield* scanner.take(text);
  scanner.end();
}

/** Finds where items end, looking at each character once. */
class ItemScanner {
  /** What has come of the item that has not ended. */
  #item = '';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isOver = false;
  #count = 0;

  /** The items that end in a piece of the text. */
  *take(text: string): Generator {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isInString) this.#readString(code);
      else if (code === QUOTE) this.#isInString = true;
      else if (code === COMMA && this.#depth === 1) {
        yield this.#finish(text.slice(start, at));
        start = at + 1;
      } else if (DEPTHS[code] !== undefined) {
        this.#depth += DEPTHS[code];
        if (this.#depth === 1 && DEPTHS[code] === 1) {
          this.#open(text.slice(start, at), code);
          start = at + 1;
        } else if (this.#depth === 0) {
          yield* this.#close(text.slice(start, at));
          start = at + 1;
        }
      }
    }
    this.#item += text.slice(start);
  }

  /** @throws SyntaxError where the array has not ended */
  end(): void {
    if (!this.#isOver || this.#item.trim() !== '') throw noArray('its end is missing');
  }

  #readString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#isInString = false;
  }

  #open(before: string, code: number): void {
    const isFirst = !this.#isOver && `${this.#item}${before}`.trim() === '';
    if (!isFirst || code !== 0x5b) throw noArray('it does not begin with "["');
    this.#item = '';
  }

  *#close(last: string): Generator {
    this.#isOver = true;
    if (this.#count === 0 && `${this.#item}${last}`.trim() === '') this.#item = '';
    else yield this.#finish(last);
  }

  #finish(last: string): unknown {
    const text = this.#item + last;
    this.#item = '';
    this.#count++;
    return JSON.parse(text) as unknown;
  }
}

function noArray(why: string): SyntaxError {
  return new SyntaxError(`The answer is no whole JSON array: ${why}.`);
}

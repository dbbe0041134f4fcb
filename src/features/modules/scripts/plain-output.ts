/** The output of a program as plain text: without colours and other orders to a terminal. */

/** What an order to a terminal consists of (ECMA-48), and all else that is no text. A carriage return begins a line. */
const ESCAPE = String.raw`\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])?`;
const ORDERS = new RegExp(String.raw`${ESCAPE}|\x9b[0-?]*[ -/]*[@-~]|\r\n?|[^\P{Cc}\n\t]`, 'gu');
/** An order whose end is still to come. */
const BEGUN = new RegExp(
  String.raw`(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)|\x9b[0-?]*[ -/]*|\r)$`,
  'u',
);
/** Characters of an order; what is longer is none. */
const MAX_ORDER = 4_096;

/** Makes text of the bytes of one stream, wherever they are split. */
export class PlainOutput {
  readonly #decoder = new TextDecoder();
  #begun = '';

  /** The text of further bytes, as far as it is complete. */
  write(bytes: Uint8Array): string {
    const text = this.#begun + this.#decoder.decode(bytes, { stream: true });
    const start = Math.max(0, text.length - MAX_ORDER);
    const at = text.slice(start).search(BEGUN);
    const end = at < 0 ? text.length : start + at;
    this.#begun = text.slice(end);
    return plainText(text.slice(0, end));
  }

  /** What was left for the end. */
  end(): string {
    const text = this.#begun + this.#decoder.decode();
    this.#begun = '';
    return plainText(text);
  }
}

/** A text that is complete, without orders. */
export function plainText(text: string): string {
  return text.replace(ORDERS, (order) => (order.startsWith('\r') ? '\n' : ''));
}

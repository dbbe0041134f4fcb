/** The length that was declared for a stream, held against what the stream gives. */

/** Counts the bytes of one stream. */
export class DeclaredLength {
  readonly #declared: number;
  #given = 0;

  /** @param declared in bytes; undefined for a stream of any length */
  constructor(declared: number | undefined) {
    this.#declared = declared ?? Infinity;
  }

  /** The stream has given more. @throws Error when that is too much */
  add({ byteLength }: Uint8Array): void {
    this.#given += byteLength;
    if (this.#given > this.#declared)
      throw new Error(`The stream gave more than its ${String(this.#declared)} bytes`);
  }

  /** The stream has ended. @throws Error when it gave too little */
  end(): void {
    if (this.#given < this.#declared && this.#declared !== Infinity)
      throw new Error(`The stream ended after ${String(this.#given)} of its ${String(this.#declared)} bytes`);
  }
}

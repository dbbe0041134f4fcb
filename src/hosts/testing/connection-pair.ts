/** Two ends of a connection that does not exist: what is written to one is read from the other. */
import { Duplex } from 'node:stream';

/** One end. */
class End extends Duplex {
  other: End | undefined;
  /** The other end wants more. */
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.other?.receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  /** As with a connection that is cut, the other end has it cut too. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    if (other && !other.destroyed) process.nextTick(() => other.destroy());
    done(error);
  }

  receive(chunk: Buffer, done: () => void): void {
    if (this.destroyed || this.push(chunk)) done();
    else this.#taken = done;
  }
}

/** Ends of one connection; each ends the other. */
export function connectionPair(): readonly [Duplex, Duplex] {
  const [here, there] = [new End(), new End()];
  here.other = there;
  there.other = here;
  return [here, there];
}

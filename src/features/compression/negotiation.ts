/** Which of the codings a client gets (RFC 9110 12.5.3). */
import { negotiateEncoding } from '../../kit.js';
import type { Encoder } from './codings.js';

/** What a client asked for. */
export interface Wish {
  /** Undefined to send content as it is. */
  readonly encoder: Encoder | undefined;
  /** Whether it said that it does not take content as it is. */
  readonly refusesIdentity: boolean;
}

/** Clients send few different headers, again and again; only short ones are kept, and not too many. */
const MAX_KNOWN = 64;
const MAX_KNOWN_LENGTH = 100;

const NO_WISH: Wish = { encoder: undefined, refusesIdentity: false };

/**
 * Reads Accept-Encoding and remembers what it read. A client that takes none of the codings, and no content as it is
 * either, gets it as it is: the handler has done its work by then, and a 406 would deny it.
 * @param encoders the one liked best first
 */
export function negotiator(encoders: readonly Encoder[]): (header: string | undefined) => Wish {
  const offers = [...encoders.map(({ coding }) => coding), 'identity'];
  const known = new Map<string, Wish>();
  return (header) => {
    if (header === undefined) return NO_WISH;
    const found = known.get(header);
    if (found) return found;
    const coding = negotiateEncoding(header, offers);
    const encoder = encoders.find((each) => each.coding === coding);
    const wish = { encoder, refusesIdentity: negotiateEncoding(header, ['identity']) === undefined };
    if (known.size < MAX_KNOWN && header.length <= MAX_KNOWN_LENGTH) known.set(header, wish);
    return wish;
  };
}

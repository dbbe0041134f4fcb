/** Short messages as a server sends them (RFC 6455 5.2): head and content in one piece, where ws would write two. */

/** Bytes of content up to which a copy costs less than a second piece to write. */
const SHORT = 4096;
const LARGEST_IN_HEAD = 125;
const TEXT = 0x81;
const BINARY = 0x82;

/** A whole message in one frame, not masked; undefined for one that is not short. */
export function shortFrame(payload: string | Uint8Array): Buffer | undefined {
  if (payload.length > SHORT) return undefined;
  const isText = typeof payload === 'string';
  const length = isText ? Buffer.byteLength(payload) : payload.length;
  const start = length > LARGEST_IN_HEAD ? 4 : 2;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = isText ? TEXT : BINARY;
  if (start === 2) frame[1] = length;
  else {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  }
  if (isText) frame.write(payload, start);
  else frame.set(payload, start);
  return frame;
}

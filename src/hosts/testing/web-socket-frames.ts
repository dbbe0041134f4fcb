/** Frames of WebSocket, as a client writes and reads them (RFC 6455 5.2). */
import { randomBytes } from 'node:crypto';

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of a server. */
export interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

const LAST = 0x80;
const MASKED = 0x80;
/** Lengths from here on stand in two bytes more, or in eight. */
const LONG = 126;
const LONGEST = 127;

/** A whole message or a control frame, masked. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return Buffer.concat([headOf(opcode, payload.length), mask, masked]);
}

function headOf(opcode: number, length: number): Buffer {
  if (length < LONG) return Buffer.from([LAST | opcode, MASKED | length]);
  const isLongest = length > 0xffff;
  const head = Buffer.alloc(isLongest ? 10 : 4);
  head.set([LAST | opcode, MASKED | (isLongest ? LONGEST : LONG)]);
  if (isLongest) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}

/** The first frame of some bytes, and where it ends; undefined while it is not complete. */
export function firstFrame(bytes: Buffer): { readonly frame: Frame; readonly end: number } | undefined {
  const [first = 0, second = 0] = bytes;
  const start = 2 + ({ [LONG]: 2, [LONGEST]: 8 }[second] ?? 0);
  if (bytes.length < start) return undefined;
  const end = start + lengthOf(bytes, second);
  if (bytes.length < end) return undefined;
  const frame = { opcode: first & 0x0f, isLast: (first & LAST) !== 0, payload: bytes.subarray(start, end) };
  return { frame, end };
}

/** @param short what the second byte has: the length itself, or where it stands */
function lengthOf(bytes: Buffer, short: number): number {
  if (short === LONG) return bytes.readUInt16BE(2);
  return short === LONGEST ? Number(bytes.readBigUInt64BE(2)) : short;
}

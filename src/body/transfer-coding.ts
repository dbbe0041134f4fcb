/** How the content of a part was encoded for transport: Content-Transfer-Encoding (RFC 2045 6), undone as it arrives. */
import { HttpError } from '../http/http-error.js';

/** Undoes one coding, piece by piece. */
export interface TransferDecoder {
  /** @returns what can be decoded so far @throws HttpError 400 for content that is not of this coding */
  write(bytes: Buffer): Buffer;
  /** Says that nothing more comes. @throws HttpError 400 when something is missing */
  end(): void;
}

/** Those that change nothing; the content is binary in any case. */
const PLAIN: readonly string[] = ['7bit', '8bit', 'binary'];

/**
 * What undoes a coding; undefined for one that changes nothing.
 * @param name in any case
 * @throws HttpError 400 for a coding that is not known
 */
export function transferDecoder(name: string): TransferDecoder | undefined {
  const coding = name.toLowerCase();
  if (PLAIN.includes(coding)) return undefined;
  if (coding === 'base64') return new Base64Decoder();
  if (coding === 'quoted-printable') return new QuotedPrintableDecoder();
  throw new HttpError(400, 'A part of the form has an unknown Content-Transfer-Encoding');
}

const LINE_SPACE = /[\r\n\t ]+/g;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 in lines of any length (RFC 2045 6.8). */
class Base64Decoder implements TransferDecoder {
  /** Fewer than four characters. */
  #rest = '';
  #isPadded = false;

  write(bytes: Buffer): Buffer {
    const text = this.#rest + bytes.toString('latin1').replace(LINE_SPACE, '');
    if (!BASE64.test(text) || (this.#isPadded && text !== '')) throw notOf('base64');
    const whole = text.slice(0, text.length - (text.length % 4));
    this.#rest = text.slice(whole.length);
    this.#isPadded ||= whole.endsWith('=');
    return Buffer.from(whole, 'base64');
  }

  end(): void {
    if (this.#rest !== '') throw notOf('base64');
  }
}

/** An escape or a soft line break that more may belong to. */
const UNFINISHED = /=(?:[0-9A-Fa-f]|\r)?$/;
const ESCAPE = /=(?:([0-9A-Fa-f]{2})|\r?\n)?/g;

/** Quoted-printable (RFC 2045 6.7). White space at the end of a line stays: no mail gateway has put it there. */
class QuotedPrintableDecoder implements TransferDecoder {
  #rest = '';

  write(bytes: Buffer): Buffer {
    const text = this.#rest + bytes.toString('latin1');
    this.#rest = UNFINISHED.exec(text)?.[0] ?? '';
    return Buffer.from(text.slice(0, text.length - this.#rest.length).replace(ESCAPE, unescaped), 'latin1');
  }

  end(): void {
    // A soft line break may be the last thing, its line break being that of the delimiter.
    if (this.#rest !== '' && this.#rest !== '=') throw notOf('quoted-printable');
  }
}

function unescaped(escape: string, hex: string | undefined): string {
  if (escape === '=') throw notOf('quoted-printable');
  return hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16));
}

function notOf(coding: string): HttpError {
  return new HttpError(400, `A part of the form is not the ${coding} that it says it is`);
}

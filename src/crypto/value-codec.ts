/** Values that a client keeps, in a cookie, and that only the application itself can have written. */

/** What became of a value that came back: its text, or what is wrong with it. */
export type DecodedValue =
  | {
      readonly text: string;
      /** Whether it was written with a key that is not the first. */
      readonly isOld: boolean;
      readonly problem?: undefined;
    }
  | { readonly text?: undefined; readonly problem: string };

/** Writes and reads such values. Each is bound to the name of its cookie, and good under no other. */
export interface ValueCodec {
  encode(text: string, name: string): string;
  decode(value: string, name: string): DecodedValue;
}

/** Bytes of name and value that browsers keep; a codec reads no longer ones. */
export const MAX_COOKIE = 4096;

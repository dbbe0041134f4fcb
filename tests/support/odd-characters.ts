/** Characters that mean something in URLs, HTML or encodings, among others that mean nothing. */
import fc from 'fast-check';

const TEXT =
  'abz019AZ-_.~!*\'();:@&=+$,/?%#[]"<>\\^`{|} \t\n\r\0\x1f\x7f\x80\u00a0\u00ff\u0141\u2028\ud7ff\uffff🙂𐀀';

export const ODD_CHARACTERS = fc.constantFrom(...Array.from(TEXT));

/** HTTP dates (RFC 9110 5.6.7). */

let cachedSecond = NaN;
let cachedDate = '';

/** The moment as IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`. @param ms milliseconds since the epoch */
export function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedDate = new Date(ms).toUTCString();
  }
  return cachedDate;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})';

/** IMF-fixdate, then the two obsolete forms that must still be understood: RFC 850 and asctime. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>[0-9]{2}) ${MONTH} (?<year>[0-9]{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>[0-9]{2})-${MONTH}-(?<year>[0-9]{2}) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[0-9]{2}| [0-9]) ${TIME} (?<year>[0-9]{4})$`),
];

/** Reads an HTTP date in any of its three forms. @returns milliseconds since the epoch; undefined for anything else */
export function parseHttpDate(text: string): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return momentOf(parts);
  }
  return undefined;
}

function momentOf(parts: Readonly<Record<string, string>>): number | undefined {
  const { day, year = '', hour, minute, second } = parts;
  const month = MONTHS.indexOf(parts['month'] ?? '');
  const date = new Date(0);
  date.setUTCFullYear(year.length === 2 ? fullYear(Number(year)) : Number(year), month, Number(day));
  const isReal = date.getUTCDate() === Number(day) && date.getUTCMonth() === month;
  // A leap second is the sixtieth.
  if (!isReal || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}

/** Two digits that would be more than 50 years ahead are of the past. */
function fullYear(twoDigits: number): number {
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + twoDigits;
  return year > now + 50 ? year - 100 : year;
}
